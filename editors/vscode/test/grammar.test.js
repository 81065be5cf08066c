// Tokenizes sample.ww with the grammar, as VS Code does, and compares what each piece of it is with sample.scopes.
// WW_UPDATE=1 npm test rewrites that file.
"use strict";

const assert = require("node:assert");
const fs = require("node:fs");
const path = require("node:path");
const test = require("node:test");
const oniguruma = require("vscode-oniguruma");
const { Registry, INITIAL, parseRawGrammar } = require("vscode-textmate");

const here = (name) => path.join(__dirname, name);

async function loadGrammar() {
  await oniguruma.loadWASM(fs.readFileSync(require.resolve("vscode-oniguruma/release/onig.wasm")).buffer);
  const file = here("../syntaxes/ww.tmLanguage.json");
  const registry = new Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
      createOnigString: (text) => new oniguruma.OnigString(text),
    }),
    loadGrammar: async (scope) => (scope === "source.ww" ? parseRawGrammar(fs.readFileSync(file, "utf8"), file) : null),
  });
  return registry.loadGrammar("source.ww");
}

// scopes is a line for each piece of text that is something, without what all have in common.
function scopes(grammar, text) {
  const out = [];
  let stack = INITIAL;
  text.split("\n").forEach((line, i) => {
    const result = grammar.tokenizeLine(line, stack);
    stack = result.ruleStack;
    for (const token of result.tokens) {
      const piece = line.slice(token.startIndex, token.endIndex);
      const names = token.scopes.slice(1).map((s) => s.replace(/\.ww$/, ""));
      if (piece.trim() !== "" && names.length > 0) {
        out.push(`${i + 1}: ${piece.trim()}  ${names.join(" ")}`);
      } else if (piece.trim() !== "") {
        out.push(`${i + 1}: ${piece.trim()}`);
      }
    }
  });
  return out.join("\n") + "\n";
}

test("the grammar sees what stands in the sample", async () => {
  const got = scopes(await loadGrammar(), fs.readFileSync(here("sample.ww"), "utf8"));
  if (process.env.WW_UPDATE === "1") {
    fs.writeFileSync(here("sample.scopes"), got);
  }
  assert.strictEqual(got, fs.readFileSync(here("sample.scopes"), "utf8"));
});

test("our own files have nothing illegal in them", async () => {
  const grammar = await loadGrammar();
  const root = here("../../../examples");
  for (const dir of fs.readdirSync(root)) {
    const file = path.join(root, dir, "main.ww");
    if (fs.existsSync(file)) {
      assert.doesNotMatch(scopes(grammar, fs.readFileSync(file, "utf8")), /invalid/, file);
    }
  }
});
