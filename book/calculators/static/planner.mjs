// Which way to train on several devices: compgraph/planner.py and the formulas that it uses.
//
// Names and the order of operations are Python's, so that both round alike: tests/calculators
// compares them to the last bit. Sizes are limited (book/calculators/forms.py) so that every count but
// the FLOPs of a minibatch is an exact number in JavaScript too.

import { say } from "./say.mjs";
import { InputError, size, threeDigits, time } from "./numbers.mjs";

const WEIGHT = 2;
const GRADIENT = 2;
const OPTIMIZER = 12;

const allReduce = (bytes, devices) => 2 * (devices - 1) * bytes;

/** Bytes per device of parameters, gradients and optimizer states, whole or shared out. */
const statesOf = (parameters, ranks) => parameters * ((OPTIMIZER + GRADIENT + WEIGHT) / ranks);

const bubbleFraction = (stages, micros) => (stages - 1) / (micros + stages - 1);

function mlpChain({ layers, width }) {
  if (layers % 2) {
    throw new InputError("layers", say("two layers make a block; expected an even number, got {layers}", { layers }));
  }
  return {
    blocks: layers / 2,
    parameters: 2 * (width * width + width),
    kept: 2 * 2 * width,
    boundary: 2 * width,
    flops: 4 * width ** 2,
    reductions: 1,
  };
}

function transformerChain({ layers, width, heads, sequence }) {
  const attention = (5 * heads * sequence) / width;
  return {
    blocks: layers,
    parameters: 12 * width ** 2,
    kept: sequence * width * (10 + (24 + attention)),
    boundary: 2 * sequence * width,
    flops: 24 * sequence * width ** 2 + 4 * sequence ** 2 * width,
    reductions: 2,
  };
}

/** The kinds of models, each from its sizes: {blocks, parameters, kept, boundary, flops, reductions}. */
export const CHAINS = { mlp: mlpChain, transformer: transformerChain };

/** One plan, weighed: the grid and switches it was given, with bytes per device and seconds. */
export function plan(chain, batch, cluster, { data, tensor, stages, micros, sharded, checkpoint }) {
  if (batch % (data * micros)) {
    throw new InputError(
      "micros",
      say("{batch} examples do not divide over {data} data ranks × {micros} micro-batches", { batch, data, micros }),
    );
  }
  if (chain.blocks % stages) {
    throw new InputError("stages", say("{blocks} blocks do not divide over {stages} stages", { blocks: chain.blocks, stages }));
  }
  if (sharded && (data === 1 || stages > 1)) {
    throw new InputError("sharded", say("sharding needs several data ranks and no pipeline"));
  }
  const local = batch / data;
  const blocks = chain.blocks / stages;
  const micro = local / micros;
  const own = (blocks * chain.parameters) / tensor;
  const flying = Math.min(stages, micros);
  const activations = checkpoint
    ? micro * (blocks * chain.boundary * flying + chain.kept / tensor)
    : ((micro * blocks * chain.kept) / tensor) * flying;

  const devices = data * tensor * stages;
  const passes = checkpoint ? 4 : 3;
  const flops = [passes, chain.flops, chain.blocks, batch].map(BigInt).reduce((a, b) => a * b);
  const compute = Number(flops) / (devices * cluster.speed);
  const idle = bubbleFraction(stages, micros);

  // bytes that each device sends, and how many messages
  const reduced = 2 * chain.reductions * blocks;
  let sent = ((reduced * allReduce(chain.boundary, tensor)) / tensor) * local;
  let messages = reduced * 2 * (tensor - 1) * micros;
  if (stages > 1) {
    sent += 2 * chain.boundary * local;
    messages += 2 * (micros + stages - 1);
  }
  if (sharded) {
    sent += ((2 * micros * WEIGHT + GRADIENT) * own * (data - 1)) / data;
    messages += (2 * micros + 1) * blocks * (data - 1);
  } else {
    sent += allReduce(GRADIENT * own, data) / data;
    messages += 2 * (data - 1);
  }
  const steps = passes * blocks * (micros + stages - 1);
  const weighed = {
    data, tensor, stages, micros, sharded, checkpoint, devices, idle, sent, activations, compute,
    states: sharded ? statesOf(own, data) + (WEIGHT * chain.parameters) / tensor : statesOf(own, 1),
    bubble: (compute * idle) / (1 - idle),
    wire: sent / cluster.link,
    latency: (steps + messages) * cluster.latency,
  };
  weighed.memory = weighed.states + weighed.activations;
  weighed.seconds = weighed.compute + weighed.bubble + weighed.wire + weighed.latency;
  return { ...weighed, ...inWords(weighed) };
}

/** The plan's family, what it splits, and the plan in words. */
function inWords({ data, tensor, stages, micros, sharded, checkpoint, devices }) {
  const axes = [[data, sharded ? say("sharded") : say("data")], [tensor, say("tensor")], [stages, say("pipeline")]];
  const split = axes.filter(([ranks]) => ranks > 1);
  const family = devices === 1 ? say("one device") : split.map(([, name]) => name).join(" × ");
  const parts = [devices > 1 ? say("{family} on {devices} devices", { family, devices }) : family];
  if (split.length > 1) parts[0] += ` (${split.map(([ranks]) => ranks).join(" × ")})`;
  if (micros > 1) parts.push(say("{micros} micro-batches", { micros }));
  if (checkpoint) parts.push(say("checkpointing"));
  return { family, how: parts.join(say(", ")) };
}

/** Every plan on up to the cluster's devices: grids and micro-batches are powers of two. */
export function* plans(chain, batch, cluster) {
  const bits = 32 - Math.clz32(Math.max(batch, cluster.devices));
  const powers = Array.from({ length: bits }, (_, i) => 2 ** i);
  for (const data of powers) for (const tensor of powers) for (const stages of powers) {
    if (data * tensor * stages > cluster.devices || chain.blocks % stages) continue;
    for (const micros of powers) {
      if (batch % (data * micros)) continue;
      for (const sharded of [false, true]) for (const checkpoint of [false, true]) {
        if (sharded && (data === 1 || stages > 1)) continue;
        yield plan(chain, batch, cluster, { data, tensor, stages, micros, sharded, checkpoint });
      }
    }
  }
}

/** Is list `a` before list `b`, first difference first? */
function before(a, b) {
  const i = a.findIndex((value, k) => value !== b[k]);
  return i >= 0 && a[i] < b[i];
}

/** The first of the members with the least key; a key is a list of numbers. */
const least = (members, key) => members.reduce((best, each) => (before(key(each), key(best)) ? each : best));

const simplicity = (p) => [
  p.devices,
  [p.data, p.tensor, p.stages].filter((ranks) => ranks > 1).length,
  p.sharded + p.checkpoint,
  p.micros,
];

/** The fastest; among those within 1 % of it, the simplest. */
function fastest(members) {
  const limit = 1.01 * members.reduce((seconds, each) => Math.min(seconds, each.seconds), Infinity);
  return least(members.filter((each) => each.seconds <= limit), (p) => [...simplicity(p), p.seconds]);
}

const fits = (cluster) => (each) => each.memory <= cluster.memory;

function bestOf(members, cluster) {
  const fitting = members.filter(fits(cluster));
  return fitting.length ? fastest(fitting) : least(members, (p) => [p.memory, p.seconds]);
}

function whyNot(other, chosen, cluster) {
  if (other.memory > cluster.memory) {
    const most = other.states > other.activations ? say("states") : say("activations");
    const fields = { how: other.how, size: size(other.memory), most };
    return say("Not {how}: it needs {size} a device, most of it {most}.", fields);
  }
  const ratio = other.seconds / chosen.seconds;
  if (ratio < 1.01) return say("Not {how}: as fast, but less simple.", other);
  const costs = [
    ["compute", say("compute")], ["bubble", say("the bubble")], ["wire", say("the wire")], ["latency", say("latency")],
  ];
  const [, cause] = least(costs, ([part]) => [chosen[part] - other[part]]);
  const fields = { how: other.how, time: time(other.seconds), ratio: threeDigits(ratio), cause };
  return say("Not {how}: {time}, {ratio} times as long, by {cause}.", fields);
}

/**
 * The fastest plan that fits, the simpler one of two that are within 1 %, and why not the others.
 *
 * Returns {plan, reasons}: the plan, or null if nothing fits, and a list of {text, plan}, each
 * sentence with the plan that it is about.
 */
export function recommend(chain, batch, cluster) {
  const families = new Map();
  for (const each of plans(chain, batch, cluster)) {
    if (!families.has(each.family)) families.set(each.family, []);
    families.get(each.family).push(each);
  }
  const best = [...families.values()].map((members) => bestOf(members, cluster));
  const fitting = best.filter(fits(cluster));
  if (!fitting.length) {
    const smallest = least(best, (p) => [p.memory]);
    const fields = { how: smallest.how, needs: size(smallest.memory), has: size(cluster.memory) };
    const text = say("Nothing fits: even {how} needs {needs} a device, and a device has {has}.", fields);
    return { plan: null, reasons: [{ text, plan: smallest }] };
  }
  const chosen = fastest(fitting);
  const fields = {
    how: chosen.how, used: size(chosen.memory), there: size(cluster.memory), time: time(chosen.seconds),
  };
  const text = say("Take {how}: {used} of {there} a device, {time} a minibatch.", fields);
  const others = best.filter((each) => each !== chosen);
  return {
    plan: chosen,
    reasons: [{ text, plan: chosen }, ...others.map((p) => ({ text: whyNot(p, chosen, cluster), plan: p }))],
  };
}
