import {
  accountErrors,
  directoryErrors,
  passwordPlace,
  type DirectoryError,
  type ManagedAccount,
  type MintedPass,
} from '#core/accounts';
import type { AuditAction, AuditActor } from '#core/audit';
import { grantErrors, isRunning, requireNoHold, type Grant } from '#core/grants';
import {
  DomainError,
  MINUTE,
  type GrantId,
  type Instant,
  type OrganizationId,
  type Secret,
  type TechnicianId,
} from '#core/shared';
import type { EntraConnection } from '#core/tenancy';
import type { Converge } from './converge.js';
import type { ConvergencePorts, ConvergenceStores } from './ports.js';
import type { PassOrder } from './plan-convergence.js';

export interface RevealCommand {
  readonly organizationId: OrganizationId;
  readonly grantId: GrantId;
  readonly technicianId: TechnicianId;
  readonly actor: AuditActor;
}

/** What the person entitled to it sees, once. */
export interface RevealedCredentials {
  readonly upn: string;
  readonly password: Secret | null;
  readonly pass: MintedPass | null;
  readonly expiresAt: Instant;
}

/** Each reveal of a pass makes a new one, and each is audited: more than this is not a slip of the hand. */
const MAX_REVEALS = 3;

/**
 * Shows a grant's credential to its own technician. Counted and audited before anything is shown, so a reveal that was
 * seen is always in the log. The pass is minted by `converge` under a claim, returned, and kept nowhere.
 */
export class RevealCredentials {
  constructor(
    private readonly ports: ConvergencePorts,
    private readonly converge: Converge,
  ) {}

  /** Throws `access.held`, `deployment.restoring`, `grant.not_found`, `grant.not_active`, `grant.too_many_reveals`, `account.busy`, `directory.…`. */
  async execute(command: RevealCommand): Promise<RevealedCredentials> {
    const opened = await this.inside(command, (stores) => this.open(stores, command));
    const pass = opened.order === null ? null : await this.mintOrGiveBack(command, opened, opened.order);
    await this.inside(command, async (stores) => {
      // Minting takes seconds: what was forbidden meanwhile is not shown, and its pass is taken away by the same converge.
      await requireNothingForbids(stores, opened.grant);
      await this.audit(stores, command, { action: 'credential.revealed', opened });
    });
    return {
      upn: opened.account.upn,
      password: opened.password,
      pass,
      expiresAt: opened.grant.expiresAt,
    };
  }

  private inside<T>(command: RevealCommand, work: (stores: ConvergenceStores) => Promise<T>): Promise<T> {
    return this.ports.unitOfWork.inOrganization(command.organizationId, work);
  }

  private async open(stores: ConvergenceStores, command: RevealCommand): Promise<Opened> {
    const now = this.ports.clock.now();
    const grant = await stores.grants.get(command.grantId);
    assertOwn(grant, command.technicianId);
    await requireNothingForbids(stores, grant);
    assertRevealable(grant, now);
    const account = await stores.accounts.get(grant.accountId);
    const connection = await stores.connections.ofCustomer(grant.customerId);
    if (account === null || connection === null) throw grantErrors.refuse('grant.not_active');
    if (!(await stores.grants.save({ ...grant, reveals: grant.reveals + 1 }))) {
      throw grantErrors.refuse('grant.changed_meanwhile');
    }
    const opened: Opened = {
      grant,
      account,
      password: grant.credential === 'pass' ? null : this.openPassword(account),
      order: grant.credential === 'password' ? null : passOrder(grant, connection, now),
    };
    await this.audit(stores, command, { action: 'credential.requested', opened });
    return opened;
  }

  private openPassword(account: ManagedAccount): Secret {
    if (account.password?.state !== 'set') throw grantErrors.refuse('grant.not_active');
    return this.ports.box.open(account.password.sealed, passwordPlace(account, account.password.generation));
  }

  /** A reveal that certainly showed nothing doesn't count. */
  private async mintOrGiveBack(
    command: RevealCommand,
    opened: Opened,
    order: PassOrder,
  ): Promise<MintedPass> {
    try {
      return await this.mint(opened, order);
    } catch (error) {
      if (error instanceof DomainError && NOTHING_SHOWN.has(error.code)) {
        await this.inside(command, async ({ grants }) => {
          const grant = await grants.get(command.grantId);
          if (grant !== null) await grants.save({ ...grant, reveals: grant.reveals - 1 });
        });
      }
      throw error;
    }
  }

  private async mint({ account }: Opened, order: PassOrder): Promise<MintedPass> {
    const claim = await this.ports.unitOfWork.clockwork.claimAccount(
      account,
      account.id,
      this.ports.clock.now(),
    );
    if (claim === null) throw accountErrors.refuse('account.busy');
    const { minted, failures } = await this.converge.execute([claim], { mint: order });
    if (minted !== null) return minted;
    const error = failures.find(({ step }) => step.key === 'mintPass')?.error;
    throw error === undefined ? accountErrors.refuse('account.busy') : refusalOf(error);
  }

  private async audit(
    stores: ConvergenceStores,
    { organizationId, actor }: RevealCommand,
    what: { readonly action: AuditAction; readonly opened: Opened },
  ): Promise<void> {
    const { grant, order, password } = what.opened;
    await stores.audit.append([
      {
        organizationId,
        at: this.ports.clock.now(),
        actor,
        action: what.action,
        subject: { kind: 'grant', id: grant.id },
        customerId: grant.customerId,
        details: { password: password !== null, pass: order !== null, reveal: grant.reveals + 1 },
      },
    ]);
  }
}

function assertOwn(grant: Grant | null, technicianId: TechnicianId): asserts grant is Grant {
  if (grant === null || grant.technicianId !== technicianId) throw grantErrors.refuse('grant.not_found');
}

/** A password comes from a column, so nobody's converge stands between a switch and whoever asks for it. */
const requireNothingForbids = async ({ grants, holds }: ConvergenceStores, grant: Grant): Promise<void> => {
  await requireNoHold(holds, grant);
  const open = await grants.openOf([grant.accountId]);
  const found = open.find((each) => each.grant.id === grant.id);
  // Deny by default: what isn't among those that are worked on gives nothing.
  if (found === undefined) throw grantErrors.refuse('grant.not_active', { state: grant.state });
  if (found.bar !== null) throw grantErrors.refuse('grant.not_active', { endReason: found.bar });
};

const assertRevealable = (grant: Grant, now: Instant): void => {
  if (grant.state !== 'active' || !isRunning(grant, now)) {
    throw grantErrors.refuse('grant.not_active', { state: grant.state });
  }
  if (grant.reveals >= MAX_REVEALS)
    throw grantErrors.refuse('grant.too_many_reveals', { maximum: MAX_REVEALS });
};

interface Opened {
  readonly grant: Grant;
  readonly account: ManagedAccount;
  readonly password: Secret | null;
  readonly order: PassOrder | null;
}

/** Refused before a pass can have been made. */
const NOTHING_SHOWN: ReadonlySet<string> = new Set(['account.busy', 'grant.pass_not_ready']);

/** The whole minutes that are left of the grant: it lives on after it only where the tenant's policy allows none shorter. */
const passOrder = (grant: Grant, { capabilities }: EntraConnection, now: Instant): PassOrder => {
  const policy = capabilities.pass;
  if (policy === null) throw grantErrors.refuse('grant.pass_unavailable');
  const left = Math.floor((grant.expiresAt - now) / MINUTE);
  return {
    lifetimeMinutes: Math.min(policy.maximumMinutes, Math.max(policy.minimumMinutes, left)),
    usableOnce: policy.onceOnly,
  };
};

/** A new account is unknown to the authentication methods for some seconds; everything else is told as it is. */
const refusalOf = (error: DirectoryError): DomainError => {
  if (error.reason === 'replication') return grantErrors.refuse('grant.pass_not_ready');
  const code = `directory.${error.reason}`;
  return code in directoryErrors.definitions
    ? directoryErrors.refuse(code as keyof typeof directoryErrors.definitions)
    : directoryErrors.refuse('directory.unavailable');
};
