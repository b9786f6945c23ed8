import OpenAI from "openai"

// Asks the primary, and after any error the secondary.
export async function ask(question, env = process.env) {
  let failure
  for (const name of ["PRIMARY", "SECONDARY"]) {
    try {
      return await answer(name, question, env)
    } catch (error) {
      failure = error
    }
  }
  throw failure
}

async function answer(name, question, env) {
  const client = new OpenAI({
    baseURL: env[`${name}_BASE_URL`],
    apiKey: env[`${name}_API_KEY`],
    timeout: 30_000,
    maxRetries: 0,
  })
  const messages = [{ role: "user", content: question }]
  const watchdog = new Watchdog(20_000)
  try {
    const stream = await client.chat.completions.create(
      { model: "gpt-4o", messages, stream: true },
      { signal: watchdog.signal },
    )
    let text = ""
    for await (const chunk of stream) {
      const piece = chunk.choices[0]?.delta?.content
      if (!piece) continue
      watchdog.wind()
      text += piece
    }
    watchdog.signal.throwIfAborted() // the SDK ends an aborted stream without an error
    return text
  } finally {
    watchdog.stop()
  }
}

// Aborts its signal if it is not wound again in time.
class Watchdog {
  #abort = new AbortController()
  #timer

  constructor(ms) {
    this.ms = ms
    this.wind()
  }

  get signal() {
    return this.#abort.signal
  }

  wind() {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#abort.abort(new Error(`no content for ${this.ms} ms`)), this.ms)
  }

  stop() {
    clearTimeout(this.#timer)
  }
}
