// Starts `ww lsp` for .ww files and keeps it running.
"use strict";

const { commands, window, workspace } = require("vscode");
const { LanguageClient, TransportKind } = require("vscode-languageclient/node");

let client;

function makeClient() {
  const command = workspace.getConfiguration("ww").get("path") || "ww";
  const server = { command, args: ["lsp"], transport: TransportKind.stdio };
  return new LanguageClient("ww", "ww", server, {
    documentSelector: [{ language: "ww" }],
    // A .env file and the files that a .ww file names change what is wrong with it.
    synchronize: { fileEvents: workspace.createFileSystemWatcher("**/{.env,*.script}") },
  });
}

async function start() {
  client = makeClient();
  try {
    await client.start();
  } catch (err) {
    const path = workspace.getConfiguration("ww").get("path") || "ww";
    window.showErrorMessage(`ww: "${path} lsp" did not start: ${err.message}. Name the binary in the setting ww.path.`);
  }
}

async function stop() {
  const old = client;
  client = undefined;
  if (old && old.needsStop()) {
    await old.stop();
  }
}

async function restart() {
  await stop();
  await start();
}

async function activate(context) {
  context.subscriptions.push(
    commands.registerCommand("ww.restart", restart),
    workspace.onDidChangeConfiguration((change) => (change.affectsConfiguration("ww.path") ? restart() : undefined)),
  );
  await start();
}

module.exports = { activate, deactivate: stop };
