/** What a route may ask of whoever calls it; `public` asks nothing. */
export const ROUTE_PERMISSIONS = [
  'public',
  'access-request:create',
  'access-request:read',
  'access-request:cancel',
  'grant:read',
  'grant:reveal',
  'grant:extend',
  'grant:end',
  'customer:create',
  'customer:read',
  'entra-connection:read',
  'entra-connection:write',
  'access-policy:create',
  'access-policy:read',
  'access-policy:write',
  'kill-switch:pull',
  'kill-switch:read',
  'kill-switch:lift',
  'audit-event:read',
  'alarm:read',
] as const;
export type RoutePermission = (typeof ROUTE_PERMISSIONS)[number];
