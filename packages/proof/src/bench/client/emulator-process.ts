import { startSqs } from '@huntaze/testkit';

/** The emulator in a process of its own, so that it takes no time from what is measured. */
const sqs = await startSqs();
process.send?.({ endpoint: sqs.endpoint, region: sqs.region });
process.once('disconnect', () => void sqs.stop());
