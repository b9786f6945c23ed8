// chaosrun: providers that fail like production, for tests of LLM failover.
//
//   const lab = await chaosrun("heartbeat-only", { protocol: "openai-chat" })
//   await lab.saw(() => ask("say hello", lab.env))
//   await lab.assertFellBack({ within: 30 })
//   await lab.close()
//
// index.d.ts has the documentation of everything here; chaosrun/test closes the lab at the end of a test.

import { mark } from "./lib/errors.js"
import { open } from "./lib/open.js"

export { binary } from "./lib/binary.js"
export { ChaosrunError, ChaosrunFailed, ChaosrunSkipped, ChaosrunUnknown } from "./lib/errors.js"
export { restart, thinking, tool } from "./lib/pieces.js"

export async function chaosrun(scenario, options = {}) {
  return open(mark(chaosrun), scenario, options)
}
