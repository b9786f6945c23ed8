// Small engines over fetch, right and wrong in one way each, for the tests of the package.

/**
 * stream yields the pieces of one provider's answer. It throws at an error status and at an answer
 * without an end.
 */
export async function* stream(upstream, prompt, { signal, lax = false } = {}) {
  const response = await fetch(`${upstream.baseURL}/chat/completions`, {
    method: "POST",
    signal,
    headers: { authorization: `Bearer ${upstream.key}`, "content-type": "application/json" },
    body: JSON.stringify({ model: upstream.model, stream: true, messages: [{ role: "user", content: prompt }] }),
  })
  if (!response.ok)
    throw Object.assign(new Error(`${upstream.name} answers ${response.status}`), { status: response.status })
  let rest = ""
  let over = false
  const decoder = new TextDecoder()
  for await (const bytes of response.body) {
    rest += decoder.decode(bytes, { stream: true })
    const lines = rest.split("\n")
    rest = lines.pop()
    for (const line of lines) {
      if (!line.startsWith("data: ") || line === "data: [DONE]") continue
      const choice = JSON.parse(line.slice(6)).choices?.[0]
      if (choice?.delta?.content) yield choice.delta.content
      over ||= Boolean(choice?.finish_reason)
    }
  }
  if (!over && !lax) throw new Error(`${upstream.name} broke off its answer`)
}

/** whole returns an answer as one text. */
export async function whole(pieces) {
  let text = ""
  for await (const piece of pieces) text += piece
  return text
}

/**
 * patient asks the next provider after an error, and never gives up a stream: comments keep it for
 * life.
 */
export async function patient(lab, options) {
  let last
  for (const upstream of lab.upstreams) {
    try {
      return await whole(stream(upstream, lab.prompt, options))
    } catch (error) {
      last = error
    }
  }
  throw last
}

/** guarded gives each provider 10 s for its next piece of content. */
export async function guarded(lab, prompt = lab.prompt) {
  for (const upstream of lab.upstreams) {
    const watchdog = new AbortController()
    let timer
    const wind = () => {
      clearTimeout(timer)
      timer = setTimeout(() => watchdog.abort(new Error("no content for 10 s")), 10_000)
    }
    try {
      wind()
      let text = ""
      for await (const piece of stream(upstream, prompt, { signal: watchdog.signal })) {
        wind()
        text += piece
      }
      return text
    } catch {
      // the next one
    } finally {
      clearTimeout(timer)
    }
  }
  throw new Error("nobody answered")
}

/** splicing hands on what the primary said before it broke off, and then the secondary's answer. */
export async function* splicing(lab) {
  for (const upstream of lab.upstreams) {
    try {
      yield* stream(upstream, lab.prompt)
      return
    } catch {
      // the next one
    }
  }
}
