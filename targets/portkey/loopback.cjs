// Keeps every server of this process on 127.0.0.1: Portkey has no setting for its address and binds all of them.
// Preloaded with `node -r`.
const net = require("node:net");

const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (...args) {
  if (typeof args[0] === "object" && args[0] !== null && "port" in args[0]) {
    args[0] = { ...args[0], host: "127.0.0.1" };
  } else if (typeof args[0] === "number" || /^\d+$/.test(args[0])) {
    args = typeof args[1] === "string" ? [args[0], "127.0.0.1", ...args.slice(2)] : [args[0], "127.0.0.1", ...args.slice(1)];
    args = args.filter((a) => a !== undefined);
  }
  return listen.apply(this, args);
};
