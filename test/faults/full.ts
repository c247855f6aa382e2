/** `npm run test:faults -- --full` */
export const isFull = process.env.TEST_FULL !== undefined;
