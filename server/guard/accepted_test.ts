import { equal } from "node:assert/strict";
import { acceptedType } from "./accepted.ts";

const types = ["application/json", "image/png", "image/tiff"] as const;

Deno.test("acceptedType() weighs what is asked for as HTTP has it", () => {
  for (
    const [header, type] of [
      [undefined, "application/json"],
      ["", "application/json"],
      ["*/*", "application/json"],
      ["image/png", "image/png"],
      ["IMAGE/PNG", "image/png"],
      ["image/png;level=1", "image/png"],
      ["image/*", "image/png"],
      ["image/png, */*;q=0.1", "image/png"],
      ["*/*;q=0.1, image/tiff", "image/tiff"],
      ["*/*, image/tiff;q=0.1", "application/json"],
      ["image/png;q=0.2, image/tiff;q=0.3", "image/tiff"],
      ["image/*, image/png;q=0", "image/tiff"],
      ["text/html, application/xhtml+xml, application/xml;q=0.9, image/webp, */*;q=0.8", "application/json"],
      ["image/tiff, application/json", "application/json"],
      ["text/html", undefined],
      ["*/*;q=0", undefined],
      ["application/json;q=0, image/*;q=0.000", undefined],
      [';;,,=="', undefined],
      ["image", undefined],
    ] as const
  ) equal(acceptedType(header, types), type, header);
});

Deno.test("acceptedType() is done soon with whatever is sent", () => {
  equal(acceptedType('image/png;q="'.repeat(5000), types), "image/png");
  equal(acceptedType(`${"a/b,".repeat(20_000)}image/png`, types), "image/png");
});
