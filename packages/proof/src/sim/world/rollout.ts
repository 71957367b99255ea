import type { Consumers } from './consumers.ts';
import { allDeployments, type Deployment } from '../scenario/deployments.ts';
import type { World } from './world.ts';

/** Puts deployments in the place of others over time. */
export function planRollout({ time, faults, scenario, trace, random }: World, consumers: Consumers): void {
  const { deployments, rollout, faultsMs } = scenario;
  const own = random.fork();
  if (rollout === undefined) return;
  const deploy = (place: number, deployment: Deployment) => {
    trace.note('deploy', place, allDeployments(scenario).indexOf(deployment));
    consumers.deploy(place, deployment);
  };
  const places = Array.from({ length: consumers.places }, (_, place) => place);
  switch (rollout) {
    case 'by-message':
      faults.count('limits-by-message');
      return;
    case 'side-by-side': {
      const all = allDeployments(scenario);
      faults.count('deployments-side-by-side');
      for (const place of places) deploy(place, all[place % all.length]!);
      return;
    }
    case 'cancelled': {
      const fromMs = own.next() * faultsMs;
      for (const place of places) {
        if (own.chance(0.5)) continue;
        time.after(fromMs + own.between(0, 300_000), () => deploy(place, deployments[0]!));
      }
      time.after(fromMs + own.between(60_000, 900_000), () => {
        faults.count('deployment-cancelled');
        for (const place of places) deploy(place, scenario);
      });
      return;
    }
    case 'rolling': {
      const fromMs = deployments.map(() => own.next() * faultsMs).toSorted((a, b) => a - b);
      for (const [index, deployment] of deployments.entries()) {
        time.after(fromMs[index]!, () => faults.count('deployment-rolls-out'));
        for (const place of places)
          time.after(fromMs[index]! + own.between(0, 300_000), () => deploy(place, deployment));
      }
    }
  }
}
