// Stands for zarrita, by which NiiVue reads Zarr stores. The console shows NIfTI alone, and zarrita's codecs would need WebAssembly.
export {};
