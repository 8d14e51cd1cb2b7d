const identities = new WeakMap<object, number>();
let identified = 0;

/** A text that tells a module from every other one in the cache of a runner, which outlives it. */
export function moduleKey(module: { readonly network: { readonly name: string } }): string {
  let identity = identities.get(module);
  if (identity === undefined) {
    identity = identified++;
    identities.set(module, identity);
  }
  return `${module.network.name}#${identity}`;
}
