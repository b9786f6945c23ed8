import { test } from "vitest"

import { chaosrun } from "chaosrun/test"

test("falls back", async (t) => {
  const lab = await chaosrun(t, "heartbeat-only")
  await lab.saw("text")
  await lab.assertStayed()
}, 600_000)
