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
  const stream = await client.chat.completions.create({ model: "gpt-4o", messages, stream: true })
  let text = ""
  for await (const chunk of stream) text += chunk.choices[0]?.delta?.content ?? ""
  return text
}
