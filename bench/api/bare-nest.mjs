// A process of its own: the least that Nest can be, alone and with the database behind it.
import 'reflect-metadata';
import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import pg from 'pg';

/** As many as the API has. */
const CONNECTIONS = 10;

process.once('disconnect', () => process.exit());

class Bare {
  hello() {
    return { hello: 'world' };
  }

  grants() {
    return Bare.list();
  }
}
/** Decorators, in the words of plain JavaScript. */
const decorate = (decorator, name) =>
  decorator(Bare.prototype, name, Object.getOwnPropertyDescriptor(Bare.prototype, name));
Controller()(Bare);
decorate(Get('hello'), 'hello');
decorate(Get('grants'), 'grants');

class BareModule {}
Module({ controllers: [Bare] })(BareModule);

/** All of it in one transaction, prepared once for a connection; answers the longest list that came of it. */
const listOver = ({ databaseUrl, statements }) => {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: CONNECTIONS });
  const named = statements.map((statement, at) => ({ ...statement, name: `bare_${at}` }));
  return async () => {
    const client = await pool.connect();
    try {
      await client.query('BEGIN');
      let list = [];
      for (const statement of named) {
        const { rows } = await client.query(statement);
        if (rows.length > list.length) list = rows;
      }
      await client.query('COMMIT');
      return { items: list };
    } finally {
      client.release();
    }
  };
};

const start = async (order) => {
  Bare.list = listOver(order);
  const app = await NestFactory.create(BareModule, { logger: false });
  app.set('etag', false);
  await app.listen(0, '127.0.0.1');
  return { url: await app.getUrl() };
};

process.once('message', (order) => {
  start(order).then(
    (told) => process.send(told),
    (error) => process.send({ error: error.message }),
  );
});
