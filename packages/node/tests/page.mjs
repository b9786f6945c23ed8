// Does what docs/NODE.md says, in a fresh folder and from the top: writes the files that it shows,
// and runs each command of a block of sh. "# red" behind a command says that it ends with 1; every
// other ends with 0. A block of text below a command has lines of its output, in which numbers may
// differ.
//
//   node page.mjs PAGE FOLDER PACKAGE.tgz...

import { spawnSync } from "node:child_process"
import fs from "node:fs"
import path from "node:path"

const [page, folder, ...packages] = process.argv.slice(2)
const root = path.resolve(path.dirname(page), "..")
const pinned = JSON.parse(fs.readFileSync(new URL("package.json", import.meta.url), "utf8")).dependencies

/** most is the number of commands in which the page promises a red verdict. */
const most = 5

fs.rmSync(folder, { recursive: true, force: true })
fs.mkdirSync(folder, { recursive: true })

/**
 * installed puts the packages that were built, and fixed versions of the others, in the place of
 * names.
 */
function installed(command) {
  if (!command.startsWith("npm install ")) return command
  const named = (word) =>
    word === "chaosrun"
      ? packages.map((file) => path.resolve(file)).join(" ")
      : pinned[word]
        ? `${word}@${pinned[word]}`
        : word
  return `${command.split(" ").map(named).join(" ")} --no-audit --no-fund`
}

let output = ""
let commands = 0
let red = 0
const begun = performance.now()

function run(line) {
  const [command, mark = ""] = line.split(/\s+# /)
  commands++
  console.log(`$ ${line}`)
  const env = { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined }
  const done = spawnSync("sh", ["-c", installed(command)], {
    cwd: folder,
    encoding: "utf8",
    env,
    timeout: 600_000,
    stdio: ["ignore", "pipe", "pipe"],
  })
  output = done.stdout + done.stderr
  const due = mark.startsWith("red") ? 1 : 0
  if (done.status !== due) fail(`exit code ${done.status}, want ${due}\n${output}`)
  if (due === 0 || red++ > 0) return
  console.log(`the first red verdict: command ${commands}, after ${((performance.now() - begun) / 1000).toFixed(1)} s`)
  if (commands > most) fail(`the page promises it after ${most} commands`)
}

/** plain leaves out what differs from run to run. */
const plain = (line) => line.trim().replace(/\d[\d.]*(?:[hmµs]+(?![a-z])[\d.]*)*/g, "N")

function compare(text) {
  const lines = new Set(output.split("\n").map(plain))
  for (const line of text.split("\n").filter((line) => line.trim() !== "" && line.trim() !== "…")) {
    if (!lines.has(plain(line))) fail(`the page says what the command does not:\n${line}\nin\n${output}`)
  }
}

function fail(why) {
  console.error(why)
  process.exit(1)
}

const block = /(?:<!-- from (\S+) -->\n)?```(\w+)\n([^]*?)```\n/g
for (const [, from, language, text] of fs.readFileSync(page, "utf8").matchAll(block)) {
  if (from) fs.copyFileSync(path.join(root, from), path.join(folder, path.basename(from)))
  else if (language === "sh") text.split("\n").filter(Boolean).forEach(run)
  else if (language === "text") compare(text)
}
if (red === 0) fail("the page has no red command")
console.log(`${commands} commands took ${((performance.now() - begun) / 1000).toFixed(1)} s`)
