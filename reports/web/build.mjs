// Builds page.js, bench.js and page.css into the folder named on the command line, default: this one.
import { build } from "esbuild";

const outdir = process.argv[2] ?? ".";
const entryPoints = [
  { in: "src/page.ts", out: "page" },
  { in: "src/bench.ts", out: "bench" },
  { in: "src/page.css", out: "page" },
];
await build({
  entryPoints,
  outdir,
  bundle: true,
  minify: true,
  format: "iife",
  target: ["chrome123", "firefox120", "safari17.5"],
  charset: "ascii",
  legalComments: "inline",
  allowOverwrite: true,
  logLevel: "warning",
});
