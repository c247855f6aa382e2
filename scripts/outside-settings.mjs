// A developer's shell may hold the settings of a live account. None of them may reach a test or the demo.

/**
 * @param {NodeJS.ProcessEnv} env
 * @returns {NodeJS.ProcessEnv} without any IPASS_ setting but IPASS_TEST_DB_DSN
 */
export function withoutOutsideSettings(env) {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith("IPASS_") || name === "IPASS_TEST_DB_DSN"));
}
