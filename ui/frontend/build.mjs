// Builds what the pages need into ui/static/built: two scripts, one style sheet, the icons that are used, and a manifest.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, "..", "static", "built");
const fingerprint = process.argv[2] ?? "";

// The dark tokens are written once; "auto" gets them again inside a media query.
const followSystem = {
  name: "follow-system",
  setup(bundler) {
    bundler.onLoad({ filter: /tokens\.css$/ }, ({ path }) => {
      const css = readFileSync(path, "utf8");
      const dark = css.match(/\[data-theme="dark"\] (\{[^}]*\})/);
      if (!dark) throw new Error("tokens.css has no [data-theme=\"dark\"] block");
      return { contents: `${css}\n@media (prefers-color-scheme: dark) { [data-theme="auto"] ${dark[1]} }\n`, loader: "css" };
    });
  },
};

// Each icon becomes a list of [element, attributes]; the page's icon function writes them out.
function icons() {
  const names = JSON.parse(readFileSync(join(here, "src", "icons.json"), "utf8"));
  const drawn = {};
  for (const name of names) {
    const svg = readFileSync(join(here, "node_modules", "lucide-static", "icons", `${name}.svg`), "utf8");
    const inner = svg.slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>"));
    drawn[name] = [...inner.matchAll(/<(\w+)\s+([^>]*?)\s*\/>/g)].map(([, tag, attributes]) => [
      tag,
      Object.fromEntries([...attributes.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, key, value]) => [key, value])),
    ]);
  }
  return JSON.stringify(drawn);
}

function hashed(name, contents) {
  const dot = name.lastIndexOf(".");
  return `${name.slice(0, dot)}-${createHash("sha256").update(contents).digest("hex").slice(0, 10)}${name.slice(dot)}`;
}

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
const files = {};

function put(name, contents, { served = true } = {}) {
  const file = served ? hashed(name, contents) : name;
  writeFileSync(join(out, file), contents);
  const entry = { file, size: contents.length };
  if (served) {
    const packed = gzipSync(contents, { level: 9 });
    writeFileSync(join(out, `${file}.gz`), packed);
    entry.gzip = packed.length;
  }
  files[name] = entry;
}

const result = await build({
  absWorkingDir: here,
  entryPoints: { app: "src/js/app.js", charts: "src/js/charts.js", style: "src/css/style.css" },
  bundle: true,
  minify: true,
  format: "esm",
  target: ["es2022", "chrome109", "firefox115", "safari16"],
  legalComments: "linked",
  charset: "utf8",
  outdir: out,
  write: false,
  plugins: [followSystem],
});
for (const file of result.outputFiles) {
  const name = file.path.slice(out.length + 1);
  if (name.endsWith(".LEGAL.txt")) writeFileSync(join(out, name), file.contents);
  else put(name, Buffer.from(file.contents));
}
put("icons.json", Buffer.from(icons()), { served: false });

const lock = JSON.parse(readFileSync(join(here, "package-lock.json"), "utf8"));
const shipped = Object.entries(lock.packages).filter(([path, entry]) => path && !entry.dev);
writeFileSync(
  join(out, "THIRD-PARTY.txt"),
  shipped.map(([path, entry]) => `${path.replace("node_modules/", "")} ${entry.version} (${entry.license})`).join("\n") + "\n",
);
writeFileSync(join(out, "manifest.json"), JSON.stringify({ fingerprint, files }, null, 2) + "\n");
console.log(readdirSync(out).filter((name) => !name.endsWith(".gz")).join("\n"));
