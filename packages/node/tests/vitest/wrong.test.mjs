// Tests that have to fail, each in its own way: the step of the packages reads what vitest says of
// them.

import { test } from "vitest"

import { chaosrun } from "chaosrun/test"
import { patient } from "../engine.mjs"

const wire = { protocol: "openai-chat" }

test("red", async (t) => {
  const lab = await chaosrun(t, "heartbeat-only", { ...wire, within: 3 })
  await lab.saw(() => patient(lab))
  await lab.assertFellBack()
})

test("forgets", async (t) => {
  await chaosrun(t, "healthy", wire)
})

test("has no time", async (t) => {
  await chaosrun(t, "heartbeat-only", { ...wire, within: 30 })
}, 5000)

test("runs out of time", async (t) => {
  const lab = await chaosrun(t, "heartbeat-only", wire)
  await lab.saw(() => patient(lab))
  await lab.assertFellBack({ within: 30 })
}, 5000)
