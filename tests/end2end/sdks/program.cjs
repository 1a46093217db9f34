// What programs of 2024 and 2025 did with the Assistants API, one scenario after another, for the npm package openai 4 to 7.
//
// Usage: program.cjs MANUAL TARIFFS. Prints a line of JSON for each scenario: its name, and what it saw. It knows nothing
// of Deskside: the address and the key of the service come from OPENAI_BASE_URL and OPENAI_API_KEY.
"use strict";

const fs = require("node:fs");
const { isDeepStrictEqual: same } = require("node:util");
const { OpenAI, APIError, BadRequestError, toFile } = require("openai");

const client = new OpenAI();
const { vectorStores } = client;
const { assistants, threads } = client.beta;
const [MANUAL, TARIFFS] = process.argv.slice(2);
const [READER, MODEL] = ["deskside-reader", "gpt-4o"];
const CONTENT = "step_details.tool_calls[*].file_search.results[*].content";

// openai 5 moved the ids of parents from the arguments into the parameters, and renamed `del` to `delete`.
const OLD = client.files.del !== undefined;
const at = (parents, id, params) => (OLD ? [...Object.values(parents), id, params] : [id, { ...parents, ...params }]);
const remove = (resource, ...path) => (OLD ? resource.del(...path) : resource.delete(...path));

const WEATHER = {
  type: "function",
  function: {
    name: "get_weather",
    description: "The temperature in a city.",
    parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  },
};
const CONVERT = { type: "function", function: { name: "to_fahrenheit", parameters: { type: "object" } } };

const open = (path) => fs.createReadStream(path);
const all = async (list) => {
  const items = [];
  for await (const item of list) items.push(item);
  return items;
};
const textOf = (message) => message.content[0].text;
const newest = async (thread, query = {}) => (await threads.messages.list(thread.id, query)).data[0];
const asking = (content) => threads.create({ messages: [{ role: "user", content }] });

const scenarios = {
  async assistants() {
    const made = await assistants.create({
      name: "Tutor",
      description: "Helps.",
      instructions: "Be brief.",
      model: MODEL,
      tools: [WEATHER, { type: "file_search" }],
      metadata: { kind: "test" },
      temperature: 0.5,
    });
    const changed = await assistants.update(made.id, { name: "Coach", metadata: { kind: "other" } });
    for (let number = 0; number < 4; number++) await assistants.create({ model: MODEL, name: `Number ${number}` });
    const listed = (await all(assistants.list({ order: "asc", limit: 2 }))).map((each) => each.name);
    return {
      made: [made.name, made.description, made.temperature, made.tools.map((tool) => tool.type), made.metadata],
      changed: [changed.name, changed.instructions, changed.metadata],
      retrieved: same(await assistants.retrieve(made.id), changed),
      listed,
      deleted: (await remove(assistants, made.id)).deleted,
    };
  },

  async threads_and_messages() {
    const thread = await threads.create({ messages: [{ role: "user", content: "one" }], metadata: { user: "7" } });
    const file = await client.files.create({ file: open(MANUAL), purpose: "assistants" });
    const message = await threads.messages.create(thread.id, {
      role: "user",
      content: [{ type: "text", text: "two" }],
      attachments: [{ file_id: file.id, tools: [{ type: "file_search" }] }],
    });
    for (const content of ["three", "four", "five"]) await threads.messages.create(thread.id, { role: "user", content });
    const inThread = { thread_id: thread.id };
    const noted = await threads.messages.update(...at(inThread, message.id, { metadata: { seen: "yes" } }));
    const listed = await all(threads.messages.list(thread.id, { order: "asc", limit: 2 }));
    const after = await threads.retrieve(thread.id);
    return {
      listed: listed.map((each) => textOf(each).value),
      attached: message.attachments.map((each) => each.file_id === file.id),
      "thread's stores": after.tool_resources.file_search.vector_store_ids.length,
      noted: noted.metadata,
      updated: (await threads.update(thread.id, { metadata: { user: "8" } })).metadata,
      "message deleted": (await remove(threads.messages, ...at(inThread, message.id))).deleted,
      left: (await all(threads.messages.list(thread.id))).length,
      "thread deleted": (await remove(threads, thread.id)).deleted,
    };
  },

  async files_and_stores() {
    const file = await client.files.create({ file: open(MANUAL), purpose: "assistants" });
    const store = await vectorStores.create({ name: "Library", expires_after: { anchor: "last_active_at", days: 2 } });
    const uploaded = await vectorStores.files.uploadAndPoll(store.id, open(TARIFFS));
    const added = await vectorStores.files.createAndPoll(store.id, {
      file_id: file.id,
      chunking_strategy: { type: "static", static: { max_chunk_size_tokens: 200, chunk_overlap_tokens: 50 } },
    });
    const other = await vectorStores.create({ name: "Batches" });
    const batch = await vectorStores.fileBatches.uploadAndPoll(other.id, { files: [open(MANUAL), open(TARIFFS)] });
    const inBatch = vectorStores.fileBatches.listFiles(...at({ vector_store_id: other.id }, batch.id, { limit: 1 }));
    const removed = await remove(vectorStores.files, ...at({ vector_store_id: store.id }, file.id));
    const listed = (await all(vectorStores.files.list(store.id))).map((each) => each.id === uploaded.id);
    return {
      file: [file.filename, file.bytes === fs.statSync(MANUAL).size, file.purpose, file.status],
      content: (await (await client.files.content(file.id)).text()) === fs.readFileSync(MANUAL, "utf8"),
      statuses: [uploaded.status, added.status, batch.status],
      chunks: added.chunking_strategy.static.max_chunk_size_tokens,
      batch: [batch.file_counts.completed, batch.file_counts.total, (await all(inBatch)).length],
      removed: [removed.deleted, listed],
      renamed: (await vectorStores.update(store.id, { name: "Shelf" })).name,
      lifetime: store.expires_at - store.last_active_at,
      deleted: [
        (await remove(vectorStores, store.id)).deleted,
        (await remove(vectorStores, other.id)).deleted,
        (await remove(client.files, file.id)).deleted,
      ],
    };
  },

  async file_search() {
    const store = await vectorStores.create({ name: "Manuals" });
    await vectorStores.fileBatches.uploadAndPoll(store.id, { files: [open(MANUAL), open(TARIFFS)] });
    const assistant = await assistants.create({
      model: READER,
      tools: [{ type: "file_search" }],
      tool_resources: { file_search: { vector_store_ids: [store.id] } },
    });
    const thread = await asking("How long does the battery charge?");
    const run = await threads.runs.createAndPoll(thread.id, { assistant_id: assistant.id });
    const text = textOf(await newest(thread, { run_id: run.id }));
    let answer = text.value;
    text.annotations.forEach((each, index) => (answer = answer.replace(each.text, `[${index + 1}]`)));
    const cited = new Set();
    for (const each of text.annotations) cited.add((await client.files.retrieve(each.file_citation.file_id)).filename);
    const query = { order: "asc", include: [CONTENT] };
    const steps = (await threads.runs.steps.list(...at({ thread_id: thread.id }, run.id, query))).data;
    const search = steps[0].step_details.tool_calls[0].file_search;
    return {
      status: run.status,
      answered: [answer.includes("four hours"), answer.includes("[1]")],
      marks: text.annotations.every((each) => text.value.slice(each.start_index, each.end_index) === each.text),
      cited: [...cited].sort(),
      steps: steps.map((step) => step.type),
      found: search.results.some((each) => each.content.some((part) => part.text.includes("four hours"))),
    };
  },

  async streaming() {
    const assistant = await assistants.create({ model: MODEL });
    const thread = await asking("Capital of France?");
    const handler = listen(threads.runs.stream(thread.id, { assistant_id: assistant.id }));
    const [message] = await handler.stream.finalMessages();
    const run = await handler.stream.finalRun();
    return {
      heard: handler.heard,
      text: handler.text,
      snapshots: handler.together,
      final: [handler.finalText === handler.text, textOf(message).value === handler.text],
      stored: same(handler.message, await newest(thread)),
      run: [run.status, run.usage.total_tokens],
    };
  },

  async streamed_citation() {
    const store = await vectorStores.create({});
    await vectorStores.files.uploadAndPoll(store.id, open(TARIFFS));
    const assistant = await assistants.create({ model: READER, tools: [{ type: "file_search" }] });
    const thread = await threads.create({ tool_resources: { file_search: { vector_store_ids: [store.id] } } });
    const additional_messages = [{ role: "user", content: "What does the night tariff cost?" }];
    const handler = listen(threads.runs.stream(thread.id, { assistant_id: assistant.id, additional_messages }));
    const [message] = await handler.stream.finalMessages();
    const steps = await handler.stream.finalRunSteps();
    const stored = await newest(thread);
    return {
      answered: handler.text.includes("nine cents"),
      steps: steps.map((step) => step.type),
      cited: textOf(message).annotations.length,
      stored: [same(handler.message, stored), textOf(stored).value === handler.text],
    };
  },

  async asynchronous() {
    const assistant = await assistants.create({ model: MODEL });
    const thread = await asking("hello");
    const handler = listen(threads.runs.stream(thread.id, { assistant_id: assistant.id }));
    await handler.stream.done();
    const names = new Set();
    const stream = await threads.runs.create(thread.id, { assistant_id: assistant.id, stream: true });
    for await (const event of stream) names.add(event.event);
    const events = [...names];
    return { handled: handler.text, events: [events[0], events.at(-1), events.length] };
  },

  async functions() {
    const assistant = await assistants.create({ model: MODEL, tools: [WEATHER, CONVERT] });
    const thread = await asking("How warm is it?");
    let run = await threads.runs.createAndPoll(thread.id, { assistant_id: assistant.id });
    const rounds = [];
    for (const outputs of [["18", "24"], ["64"]]) {
      const calls = run.required_action.submit_tool_outputs.tool_calls;
      rounds.push([run.status, ...calls.map((call) => [call.function.name, JSON.parse(call.function.arguments)])]);
      const tool_outputs = calls.map((call, index) => ({ tool_call_id: call.id, output: outputs[index] }));
      run = await threads.runs.submitToolOutputsAndPoll(...at({ thread_id: thread.id }, run.id, { tool_outputs }));
    }
    const steps = await all(threads.runs.steps.list(...at({ thread_id: thread.id }, run.id, { order: "asc" })));
    return {
      rounds,
      status: [run.status, run.required_action, run.usage.total_tokens],
      outputs: steps
        .filter((step) => step.type === "tool_calls")
        .map((step) => step.step_details.tool_calls.map((call) => call.function.output)),
      answer: textOf(await newest(thread)).value,
    };
  },

  async streamed_functions() {
    const assistant = await assistants.create({ model: MODEL, tools: [WEATHER, CONVERT] });
    const thread = await asking("How warm is it?");
    const outputs = [["18", "24"], ["64"]];
    const handlers = [listen(threads.runs.stream(thread.id, { assistant_id: assistant.id }))];
    const called = [];
    let run = await handlers[0].stream.finalRun();
    while (run.status === "requires_action") {
      const calls = run.required_action.submit_tool_outputs.tool_calls;
      called.push(calls.map((call) => [call.function.name, call.function.arguments]));
      const tool_outputs = calls.map((call, index) => ({ tool_call_id: call.id, output: outputs[0][index] }));
      outputs.shift();
      const path = at({ thread_id: thread.id }, run.id, { tool_outputs });
      handlers.push(listen(threads.runs.submitToolOutputsStream(...path)));
      run = await handlers.at(-1).stream.finalRun();
    }
    const [first, second, third] = handlers;
    return {
      first: first.heard,
      second: second.heard,
      third: third.heard,
      text: [third.text, third.together],
      calls: called,
      written: [first.written, second.written],
      run: run.status,
    };
  },

  async thread_and_run() {
    const assistant = await assistants.create({ model: MODEL });
    const thread = { messages: [{ role: "user", content: "hello" }] };
    const run = await threads.createAndRunPoll({ assistant_id: assistant.id, thread });
    const stream = threads.createAndRunStream({ assistant_id: assistant.id, thread });
    const names = (await all(stream)).map((event) => event.event);
    const [message] = await stream.finalMessages();
    return {
      polled: run.status,
      answer: textOf(await newest({ id: run.thread_id })).value,
      streamed: [names[0], names[1], names.at(-1), textOf(message).value],
    };
  },

  async cancelling() {
    const assistant = await assistants.create({ model: MODEL, tools: [WEATHER] });
    const thread = await asking("hello");
    const inThread = { thread_id: thread.id };
    const waiting = await threads.runs.createAndPoll(thread.id, { assistant_id: assistant.id });
    let locked;
    try {
      await threads.messages.create(thread.id, { role: "user", content: "still there?" });
    } catch (error) {
      if (!(error instanceof BadRequestError)) throw error;
      locked = [error.code, error.type, error.message.includes(thread.id), error.message.includes(waiting.id)];
    }
    await threads.runs.cancel(...at(inThread, waiting.id));
    const cancelled = await threads.runs.poll(...at(inThread, waiting.id));
    const writing = await threads.runs.create(thread.id, { assistant_id: assistant.id });
    while (!(await newest(thread, { run_id: writing.id }))) await new Promise((wake) => setTimeout(wake, 100));
    await threads.runs.cancel(...at(inThread, writing.id));
    const stopped = await threads.runs.poll(...at(inThread, writing.id));
    const answer = await newest(thread, { run_id: writing.id });
    return {
      locked,
      statuses: [waiting.status, cancelled.status, stopped.status],
      answer: [answer.status, answer.incomplete_details.reason],
      runs: (await all(threads.runs.list(thread.id, { limit: 1 }))).length,
    };
  },

  async code_interpreter() {
    const table = await toFile(Buffer.from("product,amount\nLamp,40\nDesk,300\nLamp,60\n"), "sales.csv");
    const sales = await client.files.create({ file: table, purpose: "assistants" });
    const tools = [{ type: "code_interpreter" }];
    const assistant = await assistants.create({ model: MODEL, tools });
    const question = { role: "user", content: "The top products, with a chart?" };
    const thread = await threads.create({ messages: [{ ...question, attachments: [{ file_id: sales.id, tools }] }] });
    const heard = [];
    let [code, logs, told] = ["", "", null];
    const stream = threads.runs.stream(thread.id, { assistant_id: assistant.id });
    stream
      .on("toolCallCreated", (call) => heard.push(`calls ${call.type}`))
      .on("toolCallDelta", (delta) => {
        code += delta.code_interpreter.input ?? "";
        for (const output of delta.code_interpreter.outputs ?? []) logs += output.logs ?? "";
      })
      .on("toolCallDone", (call) => {
        heard.push(`called ${call.type} ${call.code_interpreter.outputs.map((output) => output.type).join(" ")}`);
      })
      .on("imageFileDone", () => heard.push("image"))
      .on("textDone", () => heard.push("text done"))
      .on("messageDone", (message) => (told = message));
    const run = await stream.finalRun();
    const stored = await newest(thread);
    const steps = await all(threads.runs.steps.list(...at({ thread_id: thread.id }, run.id, { order: "asc" })));
    const [call] = steps[0].step_details.tool_calls;
    const [picture, text] = stored.content;
    const [annotation] = text.text.annotations;
    const made = await client.files.retrieve(annotation.file_path.file_id);
    const bytes = async (id) => Buffer.from(await (await client.files.content(id)).arrayBuffer());
    return {
      heard,
      code: code === call.code_interpreter.input,
      logs: [logs, call.code_interpreter.outputs[0].logs === logs],
      stored: same(told, stored),
      picture: (await bytes(picture.image_file.file_id)).subarray(1, 4).toString(),
      shown: call.code_interpreter.outputs[1].image.file_id === picture.image_file.file_id,
      answer: text.text.value.replace(annotation.text, made.filename),
      file: [made.purpose, (await bytes(made.id)).toString()],
    };
  },

  async errors() {
    const caught = async (call) => {
      try {
        await call;
      } catch (error) {
        if (!(error instanceof APIError)) throw error;
        return [error.constructor.name, error.status, error.param ?? null, error.code ?? null];
      }
    };
    const missing = "thread_" + "a".repeat(24);
    return {
      thread: await caught(threads.retrieve(missing)),
      file: await caught(client.files.retrieve("file-" + "a".repeat(24))),
      parameter: await caught(assistants.create({ model: MODEL, colour: "red" })),
      temperature: await caught(assistants.create({ model: MODEL, temperature: 3 })),
      metadata: await caught(threads.create({ metadata: { ["k".repeat(65)]: "v" } })),
      run: await caught(threads.runs.create(missing, { assistant_id: "asst_" + "a".repeat(24) })),
      key: await caught(new OpenAI({ apiKey: "wrong" }).models.list()),
      "request id": (await client.models.list().withResponse()).response.headers.has("x-request-id"),
    };
  },

  async failing_provider() {
    const assistant = await assistants.create({ model: MODEL });
    const thread = { messages: [{ role: "user", content: "hello" }] };
    const run = await threads.createAndRunPoll({ assistant_id: assistant.id, thread });
    return { status: run.status, error: run.last_error.code };
  },
};

const shown = (call) => (call.type === "function" ? `${call.function.name} ${call.function.arguments}` : call.type);

// Keeps what a stream's listeners hear.
function listen(stream) {
  const kept = { stream, heard: [], text: "", together: true, written: [], finalText: null, message: null };
  stream
    .on("event", (event) => event.event === "thread.run.requires_action" && kept.heard.push("requires action"))
    .on("runStepCreated", (step) => kept.heard.push(`step ${step.type}`))
    .on("runStepDone", (step) => kept.heard.push(`step ${step.status}`))
    .on("toolCallCreated", (call) => kept.heard.push(`calls ${shown(call)}`))
    .on("toolCallDelta", (delta) => {
      if (delta.function) kept.written[delta.index] = (kept.written[delta.index] ?? "") + delta.function.arguments;
    })
    .on("toolCallDone", (call) => kept.heard.push(`called ${shown(call)}`))
    .on("textCreated", () => kept.heard.push("text"))
    .on("textDelta", (delta, snapshot) => {
      kept.text += delta.value ?? "";
      kept.together &&= snapshot.value === kept.text;
    })
    .on("textDone", (text) => {
      kept.heard.push("text done");
      kept.finalText = text.value;
    })
    .on("messageDone", (message) => {
      kept.heard.push(`message ${message.status}`);
      kept.message = message; // openai 4 leaves the message of `finalMessages` in progress
    })
    .on("end", () => kept.heard.push("end"));
  return kept;
}

(async () => {
  for (const [name, scenario] of Object.entries(scenarios)) console.log(JSON.stringify([name, await scenario()]));
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
