// The command that repeats a test, for the last line of a verdict.

const path = require("node:path")

/**
 * replay returns the command for the test of a context of vitest or of node:test, in virtual time
 * where that may be had.
 */
function replay(t, platform = process.platform) {
  const clock = platform === "linux" ? "npx chaosrun exec -- " : ""
  if (t.task) return `${clock}npx vitest run ${quoted(relative(t.task.file?.filepath))} -t ${quoted(fullName(t.task))}`
  const file = t.filePath ?? process.argv[1]
  return file && t.name
    ? `${clock}node --test --test-name-pattern ${quoted(pattern(t.name))} ${quoted(relative(file))}`
    : undefined
}

function relative(file = "") {
  const short = path.relative(process.cwd(), file)
  return short.startsWith("..") ? file : short
}

// fullName is what vitest matches -t with: the names of the suites and of the test, as a regular
// expression.
function fullName(task) {
  const names = []
  for (let at = task; at && at.type !== "collector" && at !== task.file; at = at.suite) names.unshift(at.name)
  return pattern(names.join(" "))
}

function pattern(name) {
  return name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")
}

function quoted(text) {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}

module.exports = { replay }
