import { deepEqual, equal, ok } from "node:assert/strict";
import { type Channel, channels, forms, needsRegistration, type Quantiles, weightsOf } from "./channels.ts";

const quantiles = Object.fromEntries(channels.map((channel, i) => [channel, 2 ** i])) as unknown as Quantiles;

/** The weights by channel. */
function byChannel(form: readonly Channel[], trust: number, given: Quantiles = quantiles) {
  const { places: [place, local, tilt, offset], rows, distances } = weightsOf(form, given, trust);
  return { distance: distances, row: rows, place, local, tilt, offset };
}

const total = (weights: ReturnType<typeof byChannel>) => channels.reduce((sum, c) => sum + weights[c].share, 0);

Deno.test("weightsOf() shares 1 among the channels of a form, each in units of its quantile", () => {
  for (const form of [...forms, [...channels]]) {
    const weights = byChannel(form, 1);
    ok(Math.abs(total(weights) - 1) < 1e-12, form.join("+"));
    for (const channel of channels) {
      equal(weights[channel].share > 0, form.includes(channel), `${channel} in ${form.join("+")}`);
      equal(weights[channel].scale, 1 / quantiles[channel]);
    }
  }
});

Deno.test("weightsOf() lets a channel that never left 0 say nothing", () => {
  const never = { ...quantiles, place: 0 }, { place } = byChannel(["place", "tilt"], 1, never);
  equal(place.scale, 0);
});

Deno.test("weightsOf() trusts a registration as far as it is told, and gives the rest to the other channels", () => {
  const form = ["place", "tilt"] as const, shares = (trust: number) => byChannel(form, trust);
  equal(shares(0).tilt.share, 0);
  equal(shares(0).place.share, 1);
  ok(shares(0.5).tilt.share > 0 && shares(0.5).tilt.share < shares(1).tilt.share);
  ok(Math.abs(total(shares(0.5)) - 1) < 1e-12);
});

Deno.test("weightsOf() gives zeros, not NaN, where no channel of the form is trusted", () => {
  const weights = byChannel(["tilt"], 0);
  deepEqual(channels.map((channel) => weights[channel].share), channels.map(() => 0));
});

Deno.test("forms consist of channels, and begin with one that needs nothing but the bank", () => {
  ok(forms.flat().every((channel) => channels.includes(channel)));
  ok(!forms[0].some(needsRegistration));
  deepEqual(channels.filter((channel) => !needsRegistration(channel)), ["distance", "row"]);
  equal(new Set(forms.map((form) => form.join("+"))).size, forms.length);
});
