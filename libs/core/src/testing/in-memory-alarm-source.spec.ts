import { describeAlarmSource } from './alarm-source.contract.js';
import { InMemoryUnitOfWork } from './in-memory-unit-of-work.js';

describeAlarmSource('InMemoryAlarmSource', () => {
  const unitOfWork = new InMemoryUnitOfWork();
  return Promise.resolve({ unitOfWork, doorway: unitOfWork.doorway, alarms: unitOfWork.alarms });
});
