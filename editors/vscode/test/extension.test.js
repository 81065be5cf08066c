// Runs the extension against stand-ins for VS Code and its client library, and looks at what is started.
"use strict";

const assert = require("node:assert");
const Module = require("node:module");
const test = require("node:test");

// world is what the extension sees, and what it did there.
function world(path, fails) {
  const seen = { started: [], stopped: 0, errors: [], commands: {}, changed: undefined };
  const vscode = {
    commands: { registerCommand: (name, run) => ((seen.commands[name] = run), {}) },
    window: { showErrorMessage: (text) => seen.errors.push(text) },
    workspace: {
      getConfiguration: () => ({ get: (name) => (name === "path" ? path : undefined) }),
      createFileSystemWatcher: (pattern) => pattern,
      onDidChangeConfiguration: (run) => ((seen.changed = run), {}),
    },
  };
  class LanguageClient {
    constructor(id, name, server, options) {
      Object.assign(this, { server, options });
    }
    async start() {
      seen.started.push(this);
      if (fails) throw new Error("no such file");
    }
    needsStop() {
      return !fails;
    }
    async stop() {
      seen.stopped++;
    }
  }
  const stands = { vscode, "vscode-languageclient/node": { LanguageClient, TransportKind: { stdio: 0 } } };
  const load = Module._load;
  Module._load = (name, ...rest) => stands[name] || load(name, ...rest);
  delete require.cache[require.resolve("../extension.js")];
  const extension = require("../extension.js");
  Module._load = load;
  return { seen, extension };
}

test("it starts ww lsp for .ww files", async () => {
  const { seen, extension } = world("/opt/ww");
  const context = { subscriptions: [] };
  await extension.activate(context);
  assert.deepStrictEqual(seen.started[0].server, { command: "/opt/ww", args: ["lsp"], transport: 0 });
  assert.deepStrictEqual(seen.started[0].options.documentSelector, [{ language: "ww" }]);
  assert.strictEqual(context.subscriptions.length, 2);

  await seen.commands["ww.restart"]();
  assert.deepStrictEqual([seen.started.length, seen.stopped], [2, 1]);
  await seen.changed({ affectsConfiguration: () => false });
  assert.strictEqual(seen.started.length, 2);
  await seen.changed({ affectsConfiguration: (name) => name === "ww.path" });
  assert.deepStrictEqual([seen.started.length, seen.stopped], [3, 2]);
  await extension.deactivate();
  assert.strictEqual(seen.stopped, 3);
});

test("a binary that is missing is named", async () => {
  const { seen, extension } = world("", true);
  await extension.activate({ subscriptions: [] });
  assert.match(seen.errors.join(), /"ww lsp" did not start: no such file.*ww\.path/);
  await extension.deactivate();
});
