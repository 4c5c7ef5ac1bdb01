/**
 * Assembles the few x86-64 instructions that the programs of the sandbox need.
 *
 * Encodings: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2. Addresses are
 * absolute and below 2 GiB; jumps are 32 bits wide, to labels.
 *
 * @module
 */

const REGISTERS = [
  'rax',
  'rcx',
  'rdx',
  'rbx',
  'rsp',
  'rbp',
  'rsi',
  'rdi',
  'r8',
  'r9',
  'r10',
  'r11',
  'r12',
  'r13',
  'r14',
  'r15',
] as const;

export type Register = (typeof REGISTERS)[number];
export type Condition = 'zero' | 'not-zero' | 'negative';
/** A register's value, a number, or an address. */
export type Operand = Register | number | bigint;

const CONDITIONS: Readonly<Record<Condition, number>> = {
  zero: 0x84,
  'not-zero': 0x85,
  negative: 0x88,
};
const ARGUMENTS = ['rdi', 'rsi', 'rdx', 'r10', 'r8', 'r9'] as const;

export class X64Assembler {
  readonly #bytes: number[] = [];
  readonly #labels = new Map<string, number>();
  readonly #jumps: { readonly at: number; readonly label: string }[] = [];

  /** Names the place of the next instruction. */
  label(name: string): this {
    this.#labels.set(name, this.#bytes.length);
    return this;
  }

  move(to: Register, from: Operand): this {
    if (typeof from === 'string') {
      return this.#emit(rex(number(from), number(to)), 0x89, modrm(3, number(from), number(to)));
    }
    const immediate = Buffer.alloc(8);
    immediate.writeBigUInt64LE(BigInt.asUintN(64, BigInt(from)));
    return this.#emit(rex(0, number(to)), 0xb8 + (number(to) & 7), ...immediate);
  }

  /** Reads eight bytes at an address. */
  load(to: Register, address: bigint): this {
    return this.#emit(rex(number(to), 0), 0x8b, modrm(0, number(to), 4), 0x25, ...word(address));
  }

  /** Reads four bytes at an address, the upper half becomes zero. */
  loadWord(to: 'rax', address: bigint): this {
    return this.#emit(0x8b, modrm(0, number(to), 4), 0x25, ...word(address));
  }

  /** Reads eight bytes at `base` plus an offset. */
  loadFrom(to: 'rax' | 'rdi', base: 'rbx', offset: number): this {
    return this.#emit(rex(0, 0), 0x8b, modrm(2, number(to), number(base)), ...word(offset));
  }

  /** Writes eight bytes at an address. */
  store(address: bigint, from: Register): this {
    return this.#emit(
      rex(number(from), 0),
      0x89,
      modrm(0, number(from), 4),
      0x25,
      ...word(address),
    );
  }

  add(to: Register, value: Register | number): this {
    return typeof value === 'string'
      ? this.#emit(rex(number(value), number(to)), 0x01, modrm(3, number(value), number(to)))
      : this.#immediate(0, to, value);
  }

  and(to: Register, value: number): this {
    return this.#immediate(4, to, value);
  }

  shiftRight(to: Register, bits: number): this {
    return this.#emit(rex(0, number(to)), 0xc1, modrm(3, 5, number(to)), bits);
  }

  shiftLeft(to: Register, bits: number): this {
    return this.#emit(rex(0, number(to)), 0xc1, modrm(3, 4, number(to)), bits);
  }

  /** rax divided by `by`: quotient in rax, remainder in rdx. */
  divide(by: Register): this {
    return this.move('rdx', 0).#emit(rex(0, number(by)), 0xf7, modrm(3, 6, number(by)));
  }

  /** Writes the lowest byte of rdx at the address in rdi. */
  storeByte(): this {
    return this.#emit(0x88, 0x17);
  }

  /** Writes rax eight bytes before the address in rdi. */
  storeBefore(): this {
    return this.#emit(0x48, 0x89, 0x47, 0xf8);
  }

  /** Sets the flags by the value of a register. */
  test(register: Register): this {
    const nr = number(register);
    return this.#emit(rex(nr, nr), 0x85, modrm(3, nr, nr));
  }

  /** Zero when both are equal. */
  compare(left: Register, right: Register | number): this {
    return typeof right === 'string'
      ? this.#emit(rex(number(right), number(left)), 0x39, modrm(3, number(right), number(left)))
      : this.#immediate(7, left, right);
  }

  jump(label: string): this {
    this.#emit(0xe9);
    return this.#target(label);
  }

  jumpIf(condition: Condition, label: string): this {
    this.#emit(0x0f, CONDITIONS[condition]);
    return this.#target(label);
  }

  /** Zeroes `count` times eight bytes at an address; changes rax, rcx and rdi. */
  clear(address: bigint, count: number): this {
    return this.move('rdi', address).move('rcx', count).move('rax', 0).#emit(0xf3, 0x48, 0xab);
  }

  /** A system call; the result is in rax, rcx and r11 are lost. */
  call(nr: number, ...args: readonly Operand[]): this {
    args.forEach((value, i) => {
      const register = ARGUMENTS[i];
      if (register !== undefined && register !== value) this.move(register, value);
    });
    return this.move('rax', nr).#emit(0x0f, 0x05);
  }

  /** Raw bytes, such as constants after the last instruction. */
  bytes(data: Uint8Array): this {
    return this.#emit(...data);
  }

  /** Offset of a label from the first byte. */
  offset(label: string): number {
    const at = this.#labels.get(label);
    if (at === undefined) throw new Error(`no label ${label}`);
    return at;
  }

  /** The code, every jump resolved. */
  finish(): Uint8Array {
    const code = Buffer.from(this.#bytes);
    for (const { at, label } of this.#jumps) {
      code.writeInt32LE(this.offset(label) - (at + 4), at);
    }
    return new Uint8Array(code);
  }

  #immediate(operation: number, to: Register, value: number): this {
    return this.#emit(rex(0, number(to)), 0x81, modrm(3, operation, number(to)), ...word(value));
  }

  #target(label: string): this {
    this.#jumps.push({ at: this.#bytes.length, label });
    return this.#emit(0, 0, 0, 0);
  }

  #emit(...bytes: readonly number[]): this {
    this.#bytes.push(...bytes);
    return this;
  }
}

function number(register: Register): number {
  return REGISTERS.indexOf(register);
}

/** REX.W with the upper bits of both registers. */
function rex(register: number, target: number): number {
  return 0x48 | ((register >> 3) << 2) | (target >> 3);
}

function modrm(mode: number, register: number, target: number): number {
  return (mode << 6) | ((register & 7) << 3) | (target & 7);
}

function word(value: bigint | number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(Number(value));
  return bytes;
}
