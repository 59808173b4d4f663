// Shows a map on the page: one that was chosen and is not sent yet, or one that the node keeps. Nothing is asked of anybody else.
import { Niivue, SHOW_RENDER, SLICE_TYPE, DRAG_MODE } from "@niivue/niivue";
import { countMaps, extent, judge, mapOf, read, shell, spaceOf, volume } from "./layers.js";

const STEPS = {
  ArrowLeft: [-1, 0, 0], ArrowRight: [1, 0, 0], ArrowUp: [0, 1, 0], ArrowDown: [0, -1, 0], PageUp: [0, 0, 1], PageDown: [0, 0, -1],
};

const MAP = "map.nii";
const TRANSPARENT_BELOW = 2;
const FACTS = ["grid", "space", "fit", "voxels", "range", "told", "crosshair", "value"];

for (const place of document.querySelectorAll("[data-viewer]")) new Viewer(place).start();

function Viewer(place) {
  const part = name => place.querySelector(`[data-part=${name}]`);
  const settings = place.dataset;
  const maskField = settings.maskField && document.querySelector(settings.maskField);
  const state = { image: null, map: null, judged: null, viewer: null, opened: 0, drawn: 0 };

  this.start = () => {
    part("threshold").addEventListener("change", narrow);
    part("number").addEventListener("change", () => (state.image ? attempt(() => choose(state.image)) : fetchMap()));
    maskField?.addEventListener("change", () => state.viewer && attempt(draw));
    if (settings.file) {
      const field = document.querySelector(settings.file);
      const look = () => field.files[0] && open(Promise.resolve(field.files[0]));
      field.addEventListener("change", look);
      look();
    } else fetchMap();
  };

  const fetchMap = () => open(fetchBlob(`${settings.map}?number=${part("number").value}`, "map"));

  const open = source => attempt(async () => {
    place.hidden = false;
    say("Reading the map.");
    const turn = ++state.opened;
    if (settings.file) {
      part("about").hidden = true;
      for (const name of FACTS) write(name, "");
    }
    const image = await read(await source);
    // Another was chosen meanwhile.
    if (turn !== state.opened) return;
    // The node sends one map at a time; a file of one's own holds all of them.
    if (settings.file) {
      state.image = image;
      part("number").max = countMaps(image);
      part("number").value = 1;
      part("series").hidden = countMaps(image) === 1;
      write("maps", countMaps(image));
      document.querySelector(settings.file).dispatchEvent(new CustomEvent("maps", { detail: countMaps(image) }));
    }
    await choose(image);
  });

  async function attempt(act) {
    try {
      await act();
    } catch (fault) {
      part("picture").hidden = true;
      say(fault.message);
    }
  }

  async function choose(image) {
    const most = Number(part("number").max) || 1;
    const number = Math.min(Math.max(1, Math.round(Number(part("number").value)) || 1), most);
    state.map = mapOf(image, settings.file ? number - 1 : 0);
    state.judged = judge(state.map);
    tell(most);
    if (state.judged.present === 0) throw new Error("There is nothing to see: no voxel is finite and other than zero.");
    part("threshold").value = round(state.judged.largest / 5);
    await draw();
    say("");
  }

  // What the map is, as text: all that the picture shows has its numbers beside it.
  function tell(maps) {
    const { dims } = state.map;
    const { finite, present, low, high, size, lowAt, highAt } = state.judged;
    part("about").hidden = false;
    write("grid", `${dims.join(" × ")} at ${size.map(round).join(" × ")} mm, ${maps === 1 ? "one volume" : `${maps} volumes`}`);
    if (settings.file) {
      write("space", spaceOf(state.image));
      write("fit", fit());
    }
    write("voxels", `${count(finite)} of ${count(dims[0] * dims[1] * dims[2])} finite, ${count(present)} of them not zero`);
    write("range", finite ? `${number(low)} to ${number(high)}` : "no value");
    write("told", present === 0 ? "" : `Highest at ${coordinates(highAt)}: ${number(high)}. Lowest at ${coordinates(lowAt)}: ${number(low)}.`);
  }

  function fit() {
    if (!settings.grid) return "the site has no grid yet";
    const site = JSON.parse(settings.grid);
    const map = state.map;
    const isSame = site.dims.every((length, axis) => length === map.dims[axis]) && site.affine.every((row, at) => row.every((value, axis) => Math.abs(value - map.affine[at][axis]) < 1e-3));
    if (isSame) return "none: it lies on the site’s grid";
    const [here, there] = [extent(map), extent(site)];
    const isApart = [0, 1, 2].some(axis => here.high[axis] < there.low[axis] || here.low[axis] > there.high[axis]);
    return isApart ? "it does not meet the site’s grid, and would be refused" : `onto the site’s grid, ${site.dims.join(" × ")}`;
  }

  async function draw() {
    const turn = ++state.drawn;
    part("picture").hidden = false;
    const viewer = state.viewer ??= await attach();
    const map = await volume(state.map, MAP, { colormap: "warm", colormapNegative: "winter", ...range() });
    map.colormapType = TRANSPARENT_BELOW;
    const layers = [await ground(), map, ...await outline()];
    if (turn !== state.drawn) return;
    while (viewer.volumes.length > 0) viewer.removeVolumeByIndex(viewer.volumes.length - 1);
    for (const layer of layers) viewer.addVolume(layer);
    const { low, high, lowAt, highAt } = state.judged;
    viewer.scene.crosshairPos = viewer.mm2frac(-low > high ? lowAt : highAt);
    viewer.updateGLVolume();
    viewer.createOnLocationChange();
    write("behind", [settings.template && "Behind it: the site’s template.", layers.length > 2 && `Outlined: the mask ${mask()}.`].filter(Boolean).join(" "));
  }

  // The site's template where it is shared; otherwise the empty grid.
  const ground = async () => settings.template
    ? volume(mapOf(await read(await fetchBlob(settings.template, "template")), 0), "template.nii", { colormap: "gray", colorbarVisible: false, opacity: 0.7 })
    : volume({ ...state.map, values: new Float32Array(state.map.values.length) }, "grid.nii", { colormap: "gray", colorbarVisible: false, cal_min: 0, cal_max: 1 });

  const mask = () => maskField ? maskField.value : settings.mask;

  async function outline() {
    if (!mask()) return [];
    const edge = shell(mapOf(await read(await fetchBlob(`${settings.masks}/${encodeURIComponent(mask())}`, "mask")), 0));
    return [await volume(edge, "mask.nii", { colormap: "violet", colorbarVisible: false, opacity: 0.8, cal_min: 0.5, cal_max: 1 })];
  }

  async function attach() {
    const canvas = part("canvas");
    // Before NiiVue's own keys, some of which change what is shown.
    for (const kind of ["keydown", "keyup"]) canvas.addEventListener(kind, key => {
      if (key.key === "Tab") return;
      key.stopImmediatePropagation();
      if (!STEPS[key.key]) return;
      key.preventDefault();
      if (kind === "keydown") state.viewer?.moveCrosshairInVox(...STEPS[key.key]);
    }, true);
    const viewer = new Niivue({
      backColor: [0.039, 0.059, 0.055, 1], crosshairColor: [0.45, 0.79, 0.78, 0.9], fontColor: [0.85, 0.9, 0.88, 1], show3Dcrosshair: true, isColorbar: true,
      multiplanarShowRender: SHOW_RENDER.ALWAYS, sliceType: SLICE_TYPE.MULTIPLANAR, dragMode: DRAG_MODE.none, dragAndDropEnabled: false, loadingText: "", logLevel: "error",
      isNearestInterpolation: true, scrollRequiresFocus: true, crosshairWidth: 1, crosshairWidthUnit: "mm",
    });
    if (!canvas.getContext("webgl2")) throw new Error("This browser draws no picture: it has no WebGL 2. The numbers beside it are complete.");
    viewer.onLocationChange = where => {
      const value = where.values.find(layer => layer.name === MAP)?.value;
      write("crosshair", coordinates(where.mm));
      write("value", Number.isFinite(value) ? number(value) : "none");
    };
    await viewer.attachToCanvas(canvas);
    return viewer;
  }

  const range = () => {
    const from = Math.abs(Number(part("threshold").value)) || state.judged.largest / 1e6;
    const to = Math.max(state.judged.largest, from * 1.001);
    return { cal_min: from, cal_max: to, cal_minNeg: -from, cal_maxNeg: -to };
  };

  function narrow() {
    const map = state.viewer?.volumes[1];
    if (!map) return;
    Object.assign(map, range());
    state.viewer.updateGLVolume();
  }

  const write = (name, text) => { const said = part(name); if (said) said.textContent = text; };
  const say = text => { part("said").hidden = text === ""; write("said", text); };
  const coordinates = at => ["x", "y", "z"].map((axis, index) => `${axis} ${signed(Math.round(at[index]))}`).join(", ") + " mm";
}

async function fetchBlob(address, what) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(answer.status === 404 ? `The ${what} is not there any more.` : `The node did not send the ${what}.`);
  return answer.blob();
}

const round = value => Number(value.toPrecision(3));
const signed = value => String(value).replace("-", "−");
const number = value => signed(round(value));
const count = value => value.toLocaleString("en");
