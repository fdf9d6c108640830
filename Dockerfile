# One image for every process of Curfew; docker-compose.yml says which one a container runs.
FROM node:20-bookworm-slim AS build
WORKDIR /curfew
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
RUN npx prisma generate && npm run build && npm prune --omit=dev

FROM node:20-bookworm-slim
ENV NODE_ENV=production
WORKDIR /curfew
COPY --from=build /curfew/package.json ./
COPY --from=build /curfew/node_modules node_modules
COPY --from=build /curfew/dist dist
COPY --from=build /curfew/prisma prisma
COPY --from=build /curfew/scripts scripts
RUN mkdir /etc/curfew && chown node:node /etc/curfew && chmod 700 /etc/curfew
USER node
CMD ["node", "dist/apps/api/src/main.js"]
