import { chaosrun } from "chaosrun"

export async function check(): Promise<string> {
  const lab = await chaosrun("healthy", { seed: 7 })
  await lab.close()
  return lab.trace
}
