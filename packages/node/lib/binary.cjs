// Where the chaosrun command is: CHAOSRUN_BINARY, the package of this platform, the PATH.

const fs = require("node:fs")
const path = require("node:path")

const { ChaosrunError } = require("./errors.cjs")

/**
 * binary returns the path of the chaosrun command. It throws a ChaosrunError that says where it
 * looked.
 */
function binary(env = process.env, platform = process.platform, arch = process.arch) {
  const named = env.CHAOSRUN_BINARY
  if (named) {
    if (!isFile(named)) throw new ChaosrunError(`CHAOSRUN_BINARY is ${named}, and there is no such file`)
    return path.resolve(named)
  }
  const name = `@chaosrun/${platform}-${arch}`
  return ofPackage(name, platform) ?? onPath(env, platform) ?? missing(name)
}

function ofPackage(name, platform) {
  try {
    return require.resolve(`${name}/bin/${fileName(platform)}`)
  } catch {
    return undefined
  }
}

// onPath passes over this package's own launcher, which npm puts on the PATH too, and which would
// start itself.
function onPath(env, platform) {
  const folders = (env.PATH ?? env.Path ?? "").split(path.delimiter).filter(Boolean)
  return folders
    .map((folder) => path.resolve(folder, fileName(platform)))
    .find(
      (file) =>
        isFile(file) &&
        path.basename(fs.realpathSync(file)) !== "chaosrun.js" &&
        !file.includes(`node_modules${path.sep}.bin`),
    )
}

function fileName(platform) {
  return platform === "win32" ? "chaosrun.exe" : "chaosrun"
}

function isFile(file) {
  return fs.statSync(file, { throwIfNoEntry: false })?.isFile() ?? false
}

function missing(name) {
  throw new ChaosrunError(
    `there is no chaosrun command: CHAOSRUN_BINARY is not set, the package ${name} is not installed, ` +
      "and the PATH has none. " +
      "If npm left out optional packages (--omit=optional), install again with them; " +
      "otherwise: go install github.com/chaosrun/chaosrun/cmd/chaosrun@latest",
  )
}

module.exports = { binary }
