// What a caller of the engine got, as lines of the fixture's protocol.

const { kind } = require("./options.cjs")

/** mostError bounds the text of an error, in characters. */
const mostError = 2000

class Piece {
  constructor(fields) {
    Object.assign(this, fields)
  }
}

/** thinking returns a piece of reasoning. */
const thinking = (text) => new Piece({ thinking: String(text) })

/** tool returns a piece of a tool call: its name, or a part of its arguments, a JSON text. */
const tool = ({ index = 0, id, name, arguments: text }) => new Piece({ tool: { index, id, name, arguments: text } })

/**
 * restart returns the marker after which the answer begins anew: the caller forgets all that came
 * before it.
 */
const restart = () => new Piece({ restart: true })

/**
 * piece returns the line for a piece of an answer, or undefined for an empty one. It throws a
 * TypeError for what is none.
 */
function piece(value) {
  if (value instanceof Piece) return { ...value }
  if (typeof value === "string") return value === "" ? undefined : { text: value }
  let hint = ""
  if (value?.choices) hint = '; hand over the text alone: chunk.choices[0]?.delta?.content ?? ""'
  else if (ArrayBuffer.isView(value)) hint = "; bytes of the wire are not what your caller gets"
  else if (value === undefined) hint = "; does the function return what it got?"
  throw new TypeError(`an answer is text, or pieces of text, not ${kind(value)}${hint}`)
}

/**
 * pieces returns the pieces of an answer: those of an iterable or a stream, or the one that a value
 * is.
 */
function pieces(value) {
  if (typeof value === "object" && value !== null && !(value instanceof Piece)) {
    if (value[Symbol.asyncIterator] || value[Symbol.iterator]) return ArrayBuffer.isView(value) ? [value] : value
    if (typeof value.getReader === "function") return read(value)
  }
  return [value]
}

// read is for streams of runtimes that cannot iterate them.
async function* read(stream) {
  const reader = stream.getReader()
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value
  } finally {
    reader.cancel().catch(() => {})
  }
}

/**
 * isError says whether a value is an error, also one of another realm, as in a test runner with
 * contexts of its own.
 */
function isError(value) {
  return value instanceof Error || Object.prototype.toString.call(value) === "[object Error]"
}

/** failure returns the line for an error that the caller got. keys must not be repeated. */
function failure(error, keys) {
  let text = String(error?.message || error)
  for (const key of keys) text = text.replaceAll(key, "[key]")
  const names = [error?.name, error?.constructor?.name, error?.code].filter(
    (name) => typeof name === "string" && name !== "",
  )
  return {
    error: text.slice(0, mostError),
    type: names.find((name) => name !== "Error") ?? names[0] ?? typeof error,
    status: [error?.status, error?.statusCode].find(Number.isInteger),
  }
}

module.exports = { thinking, tool, restart, piece, pieces, isError, failure }
