// What a map is in numbers, and the volumes that NiiVue lays over each other.
import { NVImage } from "@niivue/niivue";

// A browser's page is not where a volume of more is looked at.
const MOST_BYTES = 256 * 2 ** 20;

// A file as it was chosen or fetched; packed or not. What unpacks to too much is left alone.
export async function read(blob) {
  const head = new Uint8Array(await blob.slice(0, 2).arrayBuffer());
  const isPacked = head[0] === 0x1f && head[1] === 0x8b;
  const parts = [];
  let length = 0;
  try {
    for await (const part of isPacked ? blob.stream().pipeThrough(new DecompressionStream("gzip")) : blob.stream()) {
      if ((length += part.length) > MOST_BYTES) throw new RangeError("It is too large to be looked at here.");
      parts.push(part);
    }
    // Always by this name: NiiVue would choose another reader by another ending.
    const image = await NVImage.loadFromUrl({ url: await new Blob(parts).arrayBuffer(), name: "map.nii" });
    const [x, y, z] = image.hdr.dims.slice(1, 4);
    if (image.img.length !== x * y * z * countMaps(image)) throw new Error();
    return image;
  } catch (fault) {
    throw fault instanceof RangeError ? fault : new Error("It is no NIfTI file of numbers that can be read here.");
  }
}

// One map of a series: its values, scaled.
export function mapOf(image, number) {
  const { hdr, img } = image;
  const [x, y, z] = hdr.dims.slice(1, 4);
  const slope = hdr.scl_slope || 1;
  const inter = hdr.scl_inter || 0;
  const raw = img.subarray(number * x * y * z, (number + 1) * x * y * z);
  return { dims: [x, y, z], affine: hdr.affine, values: Float32Array.from(raw, value => value * slope + inter) };
}

export function countMaps(image) {
  const { dims } = image.hdr;
  return dims[0] > 3 ? Math.max(1, dims[4]) : 1;
}

// What the file says about where it lies: NIfTI has a code, and no template's name.
export const spaceOf = ({ hdr }) => ({
  1: "the file says a scanner’s coordinates: no template", 2: "the file says that it is aligned to another image, not to which template", 3: "the file says Talairach", 4: "the file says MNI 152, not which of them", 5: "the file says a template, not which",
})[hdr.sform_code || hdr.qform_code] ?? "the file does not say";

export function judge({ dims, affine, values }) {
  const found = { finite: 0, present: 0, low: Infinity, high: -Infinity, lowAt: 0, highAt: 0, largest: 0 };
  values.forEach((value, at) => {
    if (!Number.isFinite(value)) return;
    found.finite++;
    if (value !== 0) found.present++;
    if (value < found.low) [found.low, found.lowAt] = [value, at];
    if (value > found.high) [found.high, found.highAt] = [value, at];
  });
  found.largest = Math.max(Math.abs(found.low), Math.abs(found.high));
  const place = at => millimetres(affine, [at % dims[0], Math.floor(at / dims[0]) % dims[1], Math.floor(at / dims[0] / dims[1])]);
  return { ...found, lowAt: place(found.lowAt), highAt: place(found.highAt), size: [0, 1, 2].map(axis => Math.hypot(affine[0][axis], affine[1][axis], affine[2][axis])) };
}

export const millimetres = (affine, [i, j, k]) => [0, 1, 2].map(axis => affine[axis][0] * i + affine[axis][1] * j + affine[axis][2] * k + affine[axis][3]);

// The box in which a grid's corners lie.
export function extent({ dims, affine }) {
  const corners = [...Array(8).keys()].map(corner => millimetres(affine, [0, 1, 2].map(axis => (corner >> axis & 1) * (dims[axis] - 1))));
  const most = choose => [0, 1, 2].map(axis => choose(...corners.map(corner => corner[axis])));
  return { low: most(Math.min), high: most(Math.max) };
}

// A volume of values on a grid as NiiVue takes it: float32 NIfTI-1, from which nothing else of the file is left.
export function volume({ dims, affine, values }, name, options) {
  const file = new ArrayBuffer(352 + 4 * values.length);
  const header = new DataView(file);
  header.setInt32(0, 348, true);
  [3, ...dims, 1, 1, 1, 1].forEach((size, at) => header.setInt16(40 + 2 * at, size, true));
  header.setInt16(70, 16, true);
  header.setInt16(72, 32, true);
  [1, ...[0, 1, 2].map(axis => Math.hypot(affine[0][axis], affine[1][axis], affine[2][axis]))].forEach((size, at) => header.setFloat32(76 + 4 * at, size, true));
  header.setFloat32(108, 352, true);
  header.setFloat32(112, 1, true);
  header.setUint8(123, 2);
  header.setInt16(254, 2, true);
  for (let at = 0; at < 12; at++) header.setFloat32(280 + 4 * at, affine[Math.floor(at / 4)][at % 4], true);
  header.setUint32(344, 0x6e2b3100);
  new Float32Array(file, 352).set(values);
  return NVImage.loadFromUrl({ url: file, name, ...options });
}

// The voxels of a mask that touch one outside it.
export function shell({ dims: [x, y, z], affine, values }) {
  const isInside = (i, j, k) => i >= 0 && j >= 0 && k >= 0 && i < x && j < y && k < z && values[i + x * (j + y * k)] > 0;
  const outline = new Float32Array(values.length);
  for (let k = 0, at = 0; k < z; k++)
    for (let j = 0; j < y; j++)
      for (let i = 0; i < x; i++, at++)
        if (values[at] > 0 && !(isInside(i - 1, j, k) && isInside(i + 1, j, k) && isInside(i, j - 1, k) && isInside(i, j + 1, k) && isInside(i, j, k - 1) && isInside(i, j, k + 1)))
          outline[at] = 1;
  return { dims: [x, y, z], affine, values: outline };
}
