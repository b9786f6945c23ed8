// chaosrun: providers that fail like production, for tests of LLM failover.
//
//   const lab = await chaosrun("heartbeat-only", { protocol: "openai-chat" })
//   await lab.saw(() => ask("say hello", lab.env))
//   await lab.assertFellBack({ within: 30 })
//   await lab.close()
//
// index.d.cts has the documentation of everything here; chaosrun/test closes the lab at the end of
// a test.

const { binary } = require("./lib/binary.cjs")
const { ChaosrunError, ChaosrunFailed, ChaosrunSkipped, ChaosrunUnknown, mark } = require("./lib/errors.cjs")
const { open } = require("./lib/open.cjs")
const { restart, thinking, tool } = require("./lib/pieces.cjs")

async function chaosrun(scenario, options = {}) {
  return open(mark(chaosrun), scenario, options)
}

module.exports = {
  chaosrun,
  binary,
  ChaosrunError,
  ChaosrunFailed,
  ChaosrunSkipped,
  ChaosrunUnknown,
  restart,
  thinking,
  tool,
}
