import type * as esm from "./test.js" with { "resolution-mode": "import" }

/** Starts the providers of a scenario for one test. The errors and pieces are in the ES module. */
export declare const chaosrun: typeof esm.chaosrun
