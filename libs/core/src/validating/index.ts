export { ValidateCustomer } from './validate-customer.js';
