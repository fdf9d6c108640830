import type { RingKeeper, RingKey } from '../keys/index.js';
import { sharedErrors, type SealedPlace, type Secret, type SecretBox } from '../shared/index.js';
import { FakeSecretBox } from './fake-secret-box.js';

/** A ring of keys without keys, and the box that seals with them: `v1.<key>.<what FakeSecretBox makes of it>`. */
export class FakeKeyRing implements RingKeeper {
  readonly box: SecretBox;
  #keys: readonly RingKey[] = [{ id: 'k1', createdAt: '2026-01-05T09:00:00.000Z', seals: true }];
  #added = 1;

  constructor() {
    const fake = new FakeSecretBox();
    const sealing = (): string => this.#keys.find(({ seals }) => seals)?.id ?? '';
    const opened = (sealed: string, place: SealedPlace): Secret => {
      const [format, key, text = ''] = sealed.split('.');
      if (format !== 'v1' || !this.#keys.some(({ id }) => id === key))
        throw sharedErrors.refuse('secret.unreadable');
      return fake.open(text, place);
    };
    this.box = {
      get sealingKey() {
        return sealing();
      },
      seal: (value, place) => `v1.${sealing()}.${fake.seal(value, place)}`,
      open: opened,
      keyOf: (sealed) => (sealed.startsWith('v1.') ? (sealed.split('.')[1] ?? null) : null),
      mark: (parts) => fake.mark(parts),
      digest: (value) => fake.digest(value),
    };
  }

  keys(): Promise<readonly RingKey[]> {
    return Promise.resolve(this.#keys);
  }

  add(createdAt: number): Promise<string> {
    const id = `k${(this.#added += 1)}`;
    this.#keys = [...this.#keys, { id, createdAt: new Date(createdAt).toISOString(), seals: false }];
    return Promise.resolve(id);
  }

  async use(id: string): Promise<void> {
    await this.#known(id);
    this.#keys = this.#keys.map((key) => ({ ...key, seals: key.id === id }));
  }

  async retire(id: string): Promise<void> {
    const { seals } = await this.#known(id);
    if (seals) throw new Error('It seals.');
    this.#keys = this.#keys.filter((key) => key.id !== id);
  }

  #known(id: string): Promise<RingKey> {
    const key = this.#keys.find((each) => each.id === id);
    return key === undefined ? Promise.reject(new Error('There is no such key.')) : Promise.resolve(key);
  }
}
