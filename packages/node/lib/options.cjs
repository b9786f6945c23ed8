// The options of a lab become the arguments of `chaosrun fixture`.

const known = ["within", "protocol", "limits", "cadence", "deadline", "seed"]

/**
 * flags returns the arguments of `chaosrun fixture` for a scenario. It throws a TypeError for what
 * cannot be meant.
 */
function flags(scenario, options) {
  if (typeof scenario !== "string" || scenario === "")
    throw new TypeError(`a lab needs a scenario's name or file, such as "heartbeat-only", not ${kind(scenario)}`)
  if (scenario.startsWith("-"))
    throw new TypeError(`${JSON.stringify(scenario)} is no scenario: options are the second argument`)
  if (options === null || typeof options !== "object")
    throw new TypeError(`the options are an object, not ${kind(options)}`)
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) throw new TypeError(`there is no option ${name}; those of a lab are ${known.join(", ")}`)
  }
  const { within, protocol, limits = {}, cadence, deadline, seed } = options
  const args = ["fixture", scenario]
  const bounds = within === undefined ? limits : { time_to_fallback: within, ...limits }
  for (const [measure, time] of Object.entries(bounds)) args.push("--limit", `${measure}=${duration(time, measure)}`)
  for (const wire of protocol === undefined ? [] : [protocol].flat()) args.push("--protocol", String(wire))
  if (cadence !== undefined) args.push("--cadence", cadence === "as-written" ? cadence : duration(cadence, "cadence"))
  if (deadline !== undefined) args.push("--deadline", duration(deadline, "deadline"))
  if (seed !== undefined) args.push("--seed", whole(seed))
  return args
}

/**
 * duration writes a time as chaosrun reads it. A number is in seconds; a text is taken as it is:
 * "1m30s".
 */
function duration(time, of) {
  if (typeof time === "string" && time !== "") return time
  if (typeof time === "number" && Number.isFinite(time) && time > 0)
    return time < 1e-3 ? `${Math.ceil(time * 1e9)}ns` : `${time}s`
  throw new TypeError(`${of} is a number of seconds or a text such as "30s", not ${kind(time)}`)
}

function whole(seed) {
  if ((Number.isSafeInteger(seed) && seed >= 0) || (typeof seed === "bigint" && seed >= 0n)) return String(seed)
  throw new TypeError(`seed is a whole number from 0, not ${kind(seed)}`)
}

/** kind says what a wrong argument is. */
function kind(value) {
  if (
    value === null ||
    value === undefined ||
    typeof value === "number" ||
    typeof value === "boolean" ||
    typeof value === "bigint"
  )
    return String(value)
  if (typeof value === "object")
    return value.constructor?.name === "Object" ? "an object" : `an object of ${value.constructor?.name ?? "no class"}`
  return typeof value === "string" ? JSON.stringify(value.slice(0, 40)) : `a ${typeof value}`
}

module.exports = { flags, duration, kind }
