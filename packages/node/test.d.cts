import type { Lab, LabOptions } from "./index.cjs"

export * from "./index.cjs"

/** What a lab needs of a test's context: that of node:test or of vitest. */
export type TestContext =
  | { after(fn: () => void | Promise<void>): void; skip(message?: string): void }
  | { onTestFinished(fn: () => void | Promise<void>, timeout?: number): void; skip(note?: string): void }

/**
 * Starts the providers of a scenario for one test, and ends them with it. A lab that was never
 * judged fails the test. A scenario that cannot be run skips it: node:test goes on with the test,
 * so the lab is one that calls nothing and asserts nothing.
 */
export function chaosrun(t: TestContext, scenario: string, options?: LabOptions): Promise<Lab>
