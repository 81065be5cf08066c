// An editor: it has a model write something, counts the words, and shows the answer as it grows.

import { Component } from "./ww-component.mjs";

const app = new Component("editor", { version: "1.0", maxConcurrent: 4 });
let asked = 0;

app.start((config) => console.log("the editor is here", config)); // into the log

app.process(async (turn) => {
  asked++;
  const draft = await turn.call("brain", `write about ${turn.data}`);
  const words = draft.split(/\s+/).filter(Boolean);
  for (const word of words) turn.chunk(word + " ");
  return `${words.join(" ")} (${words.length} words, text ${asked})`;
});

app.run();
