/** What a test needs of a grant as the API tells it. */
export interface Grant {
  readonly id: string;
  readonly upn: string;
  readonly state: 'scheduled' | 'starting' | 'active' | 'failed' | 'ending' | 'ended';
  readonly expiresAt: string;
  readonly latestExpiresAt: string;
  readonly endingAt: string | null;
  readonly takenAt: string | null;
  readonly endedAt: string | null;
  readonly endReason: string | null;
  readonly failure: { readonly code: string; readonly message: string } | null;
  readonly proofs: readonly {
    readonly graphAt: string;
    readonly enabled: boolean | null;
    readonly roles: readonly string[];
    readonly groups: readonly string[];
    readonly methods: readonly string[];
  }[];
}

export interface Credentials {
  readonly upn: string;
  readonly password: string | null;
  readonly pass: { readonly value: string; readonly usable: boolean } | null;
}

export interface Problem {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
}

/** A refusal of the API. */
export class Refusal extends Error {
  constructor(readonly problem: Problem) {
    super(`${problem.status} ${problem.code}: ${problem.detail}`);
  }
}

/** Curfew's public API as one person with a token uses it. */
export class CurfewApi {
  constructor(
    private readonly url: string,
    private readonly token: string,
    private readonly patienceMs = 120_000,
  ) {}

  get<T>(path: string): Promise<T> {
    return this.send('GET', path);
  }

  post<T>(path: string, body: object = {}, headers: Readonly<Record<string, string>> = {}): Promise<T> {
    return this.send('POST', path, { body, headers });
  }

  put<T>(path: string, body: object): Promise<T> {
    return this.send('PUT', path, { body });
  }

  delete<T>(path: string): Promise<T> {
    return this.send('DELETE', path);
  }

  async request(wish: {
    readonly customerId: string;
    readonly policyId: string;
    readonly durationSeconds: number;
  }): Promise<Grant> {
    const { grantId } = await this.post<{ grantId: string }>('/access-requests', wish);
    return this.grant(grantId);
  }

  grant(id: string): Promise<Grant> {
    return this.get(`/grants/${id}`);
  }

  reveal(id: string): Promise<Credentials> {
    return this.post(`/grants/${id}/credentials`);
  }

  end(id: string): Promise<Grant> {
    return this.post(`/grants/${id}/end`);
  }

  extend(id: string, expiresAt: Date): Promise<Grant> {
    return this.post(`/grants/${id}/extend`, { expiresAt: expiresAt.toISOString() });
  }

  private async send<T>(
    method: string,
    path: string,
    {
      body,
      headers = {},
    }: { readonly body?: object; readonly headers?: Readonly<Record<string, string>> } = {},
  ): Promise<T> {
    const answer = await fetch(`${this.url}/api/v1${path}`, {
      method,
      signal: AbortSignal.timeout(this.patienceMs),
      headers: {
        authorization: `Bearer ${this.token}`,
        ...headers,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const content: unknown = await answer.json();
    if (!answer.ok) throw new Refusal(content as Problem);
    return content as T;
  }
}
