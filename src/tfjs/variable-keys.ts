/** A variable, or what a loaded state holds of one. */
export interface Named {
  readonly name: string;
  readonly shape: readonly number[];
}

/**
 * Under which keys the state of variables is filed: their own names, or in a state that was loaded, those that the
 * variables had which they stand for. Names rarely survive: TensorFlow.js makes them unique in a process by a number at
 * their end, and numbers what has no name.
 */
export class VariableKeys {
  private readonly keys = new Map<string, string>();
  private readonly names = new Map<string, string>();

  /** @param loaded what a loaded state holds, in its order. */
  constructor(private readonly loaded: readonly Named[] = []) {}

  /** The key of a variable that has been added. */
  of(name: string): string {
    return this.keys.get(name)!;
  }

  /** The variable with a key; undefined while none stands for what was loaded under it. */
  nameOf(key: string): string | undefined {
    return this.names.get(key);
  }

  /**
   * Gives new variables keys. In a loaded state they find those of their own name, else those whose name differs by a number
   * at its end, in order; and if the rest of both are of equal shapes one by one, those. What is left is new.
   */
  add(newcomers: readonly Named[]): void {
    this.pair(newcomers, (one, other) => filed(one.name) === other.name);
    this.pair(newcomers, (one, other) => stem(filed(one.name)) === stem(other.name));
    const [rest, free] = [this.without(newcomers), this.free()];
    if (rest.length === free.length && rest.every((one, i) => sameShape(one, free[i]!)))
      this.pair(rest, () => true);
    for (const { name } of this.without(newcomers)) this.set(name, this.unused(filed(name)));
  }

  private pair(newcomers: readonly Named[], same: (one: Named, loaded: Named) => boolean): void {
    for (const one of this.without(newcomers)) {
      const found = this.free().find((other) => same(one, other) && sameShape(one, other));
      if (found) this.set(one.name, found.name);
    }
  }

  private without(newcomers: readonly Named[]): Named[] {
    return newcomers.filter(({ name }) => !this.keys.has(name));
  }

  private free(): Named[] {
    return this.loaded.filter(({ name }) => !this.names.has(name));
  }

  private unused(key: string): string {
    const used = this.names.has(key) || this.loaded.some(({ name }) => name === key);
    return used ? this.unused(`${key}'`) : key;
  }

  private set(name: string, key: string): void {
    this.keys.set(name, key);
    this.names.set(key, name);
  }
}

/** The key of a name: records would put names that are numbers, as those of unnamed variables, before all others. */
function filed(name: string): string {
  return /^\d+$/.test(name) ? `variable ${name}` : name;
}

function stem(name: string): string {
  return name.replace(/[_ ]\d+$/, '');
}

function sameShape(one: Named, other: Named): boolean {
  return one.shape.join() === other.shape.join();
}
