import { createRequire } from "node:module"
const { OpenAI } = createRequire(import.meta.url)("openai")
const cw = await import(process.env.CHAOSRUN_WORKER_DIR + "/chaosrun_worker.mjs")

function build(run) {
  const providers = run.upstreams.map((u) => [new OpenAI({ baseURL: u.base_url, apiKey: u.key, timeout: 2000, maxRetries: 1 }), u.model])
  return async function* (call) {
    let problem
    for (const [client, model] of providers) {
      try {
        const stream = await client.chat.completions.create({ model, messages: call.messages, stream: true }, { signal: call.signal })
        for await (const chunk of stream) yield chunk.choices[0]?.delta.content
        return
      } catch (e) {
        problem = e
      }
    }
    throw problem
  }
}

cw.serve(build)
