export {
  accessTable,
  deployedArns,
  knownCommands,
  simulateAccess,
  unknownToIam,
  type Caller,
  type Deployed,
  type DeploymentPolicies,
} from './deployment-access.ts';
export type { PolicyStatement } from './policy.ts';
