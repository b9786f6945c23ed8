import type * as esm from "./index.js" with { "resolution-mode": "import" }

/** Starts the providers of a scenario. The errors and pieces are in the ES module. */
export declare const chaosrun: typeof esm.chaosrun
