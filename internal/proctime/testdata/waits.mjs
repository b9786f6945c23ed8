// Waits of Node, 540 s by its own clock. Each prints a line of JSON.
import http from 'node:http';
import { Worker } from 'node:worker_threads';

const print = (name, began, said) =>
  console.log(JSON.stringify({ name, took: Number(process.hrtime.bigint() - began), said: String(said) }));

async function wait(name, act) {
  const began = process.hrtime.bigint();
  let said = 'nothing';
  try {
    said = await act();
  } catch (e) {
    said = e.cause?.code ?? e.name;
  }
  print(name, began, said);
}

const sleep = (ms) => new Promise((done) => setTimeout(() => done('done'), ms));

// inWorker runs an expression in a worker, which prints how long it took there, and waits for the worker to end.
const inWorker = (expression) =>
  new Promise((done, failed) => {
    const began = process.hrtime.bigint();
    let took;
    const worker = new Worker(
      `const { parentPort } = require('node:worker_threads');
       (async () => {
         const began = process.hrtime.bigint();
         const said = await (${expression});
         parentPort.postMessage([process.hrtime.bigint() - began, String(said)]);
       })()`,
      { eval: true },
    );
    worker.on('message', (m) => (took = m));
    worker.on('error', failed);
    worker.on('exit', () => done({ began, took }));
  });

async function worker(name, expression) {
  const { took } = await inWorker(expression);
  console.log(JSON.stringify({ name, took: Number(took[0]), said: took[1] }));
}

const silent = http.createServer((request, response) => {
  if (request.url === '/answer') response.end('hello');
});
silent.keepAliveTimeout = 5000;
silent.requestTimeout = 0;
await new Promise((done) => silent.listen(0, '127.0.0.1', done));
const url = `http://127.0.0.1:${silent.address().port}`;

// keepAlive asks once and waits until the server closes the idle connection.
const keepAlive = () =>
  new Promise((done, failed) => {
    const agent = new http.Agent({ keepAlive: true });
    http
      .get(`${url}/answer`, { agent }, (response) => {
        response.socket.on('close', () => done('closed'));
        response.resume();
      })
      .on('error', failed);
  });

await wait('setTimeout', () => sleep(60_000));
await wait('AbortSignal.timeout', () => fetch(url, { signal: AbortSignal.timeout(60_000) }));
await worker('Atomics.wait', 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60_000)');
await worker('worker', `new Promise((done) => setTimeout(() => done('done'), 55_000))`);
await wait('keep-alive', keepAlive);
await wait('fetch', () => fetch(url)); // undici gives up after 300 s without headers
process.exit(0);
