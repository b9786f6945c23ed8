import test from "node:test"
import { chaosrun } from "chaosrun/test"
import { ask } from "./ask.mjs"

for (const scenario of ["server-error", "rate-limited", "silence-after-headers", "slow-but-healthy"]) {
  test(scenario, async (t) => {
    const lab = await chaosrun(t, scenario, { protocol: "openai-chat" })
    await lab.saw((call) => ask(call.prompt, lab.env))
    await lab.check()
  })
}
