import { test } from "vitest"
import { chaosrun } from "chaosrun/test"
import { ask } from "./ask.mjs"

test("falls back when the primary sends nothing but comments", async (t) => {
  const lab = await chaosrun(t, "heartbeat-only", { protocol: "openai-chat", within: 30 })
  await lab.saw(() => ask(lab.prompt, lab.env))
  await lab.assertFellBack()
}, 60_000)
