import 'reflect-metadata';
import { Controller, Get, Module, type Type } from '@nestjs/common';
import { DiscoveryModule, NestFactory } from '@nestjs/core';
import { routes } from '#contracts';
import { Endpoint } from './endpoint.js';
import { RouteCheck } from './route-check.js';

/** What the check says of an application with this controller alone. */
const verdictOn = async (controller: Type): Promise<string> => {
  class Application {}
  Module({ imports: [DiscoveryModule], controllers: [controller], providers: [RouteCheck] })(Application);
  const started = NestFactory.create(Application, { logger: false, abortOnError: false }).then((app) =>
    app.init(),
  );
  return started.then(
    () => 'started',
    (error: unknown) => String(error),
  );
};

describe('The API does not start', () => {
  it('with a handler that is bound past the contracts', async () => {
    @Controller()
    class Open {
      @Get('/open')
      everybody() {
        return 'come in';
      }
    }

    expect(await verdictOn(Open)).toContain('Open.everybody is bound to no route of the contracts');
  });

  it('with a route whose permission does not exist', async () => {
    const careless = { ...routes.live, permission: undefined as unknown as 'public' };
    @Controller()
    class Careless {
      @Endpoint(careless)
      live() {
        return { status: 'ok' as const };
      }
    }

    expect(await verdictOn(Careless)).toContain('Careless.live declares no permission that exists');
  });

  it('while a route of the contracts has no handler', async () => {
    @Controller()
    class Half {
      @Endpoint(routes.live)
      live() {
        return { status: 'ok' as const };
      }
    }

    const verdict = await verdictOn(Half);

    expect(verdict).toContain('ready has 0 handlers instead of one');
    expect(verdict).not.toContain('live has');
  });

  it('with two handlers for one route', async () => {
    @Controller()
    class Twice {
      @Endpoint(routes.live)
      live() {
        return { status: 'ok' as const };
      }

      @Endpoint(routes.live)
      alsoLive() {
        return { status: 'ok' as const };
      }
    }

    expect(await verdictOn(Twice)).toContain('live has 2 handlers instead of one');
  });
});
