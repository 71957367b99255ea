import { describe, expect, it } from 'vitest';
import { chromium } from '../browser/program.ts';
import { redisServer } from '../redis/program.ts';
import { planProgram, type Machine } from './plan.ts';

const planRedis = (found: Machine) => planProgram(redisServer, found);

const machine = (root: Machine['root'], ...programs: string[]): Machine => ({
  root,
  programs: new Set(programs),
});

describe('the plan for Redis', () => {
  it('runs redis-server when it is there, whatever else is', () => {
    expect(planRedis(machine('self', 'apt-get', 'valkey-server', 'redis-server'))).toEqual({
      kind: 'run',
      program: 'redis-server',
    });
  });

  it('runs valkey-server when it is the only server', () => {
    expect(planRedis(machine('unavailable', 'valkey-server'))).toEqual({
      kind: 'run',
      program: 'valkey-server',
    });
  });

  it('installs with apt-get as root', () => {
    expect(planRedis(machine('self', 'apt-get'))).toEqual({
      kind: 'install',
      commands: [
        ['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', 'update'],
        ['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', 'install', '-y', 'redis-server'],
      ],
    });
  });

  it('installs through sudo when it asks for no password', () => {
    expect(planRedis(machine('sudo', 'sudo', 'apt-get'))).toEqual({
      kind: 'install',
      commands: [
        ['sudo', '-n', 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', 'update'],
        ['sudo', '-n', 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', 'install', '-y', 'redis-server'],
      ],
    });
  });

  it.each([
    ['apk', ['apk', 'add', '--no-cache', 'redis']],
    ['dnf', ['dnf', 'install', '-y', 'valkey']],
  ])('installs with %s as root', (program, command) => {
    expect(planRedis(machine('self', program))).toEqual({ kind: 'install', commands: [command] });
  });

  it('installs with brew without root', () => {
    expect(planRedis(machine('unavailable', 'brew'))).toEqual({
      kind: 'install',
      commands: [['brew', 'install', 'redis']],
    });
  });

  it('prefers a package manager that may run over one that may not', () => {
    expect(planRedis(machine('unavailable', 'apt-get', 'brew'))).toMatchObject({
      commands: [['brew', 'install', 'redis']],
    });
  });

  it.each<[string, Machine, string]>([
    [
      'apt-get without root',
      machine('unavailable', 'apt-get', 'sudo'),
      'run "sudo apt-get update && sudo apt-get install -y redis-server"',
    ],
    ['brew as root', machine('self', 'brew'), 'run "brew install redis" as a user other than root'],
    ['nothing', machine('self'), "install Redis 7 or Valkey with this system's package manager"],
  ])('says what to do when it finds %s', (_found, found, advice) => {
    expect(planRedis(found)).toEqual({ kind: 'advise', advice });
  });
});

describe('the plan for Chromium', () => {
  it('takes the browser that is there', () => {
    expect(planProgram(chromium, machine('self', 'apt-get', 'google-chrome'))).toEqual({
      kind: 'run',
      program: 'google-chrome',
    });
  });

  it('says which command would install one', () => {
    expect(planProgram(chromium, machine('unavailable', 'apt-get'))).toEqual({
      kind: 'advise',
      advice: 'run "sudo apt-get update && sudo apt-get install -y chromium"',
    });
  });
});
