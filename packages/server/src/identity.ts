/**
 * What a configuration may say of an identity provider, without the code that asks one.
 *
 * @module
 */
export { ID_TOKEN_ALGORITHMS } from './identity/provider.ts';
export { isSecure } from './identity/provider-http.ts';
