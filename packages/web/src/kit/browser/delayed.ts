import { useEffect, useState } from 'preact/hooks';

/** Whether `active` has been true for `delay` ms: no spinner before 400 ms. @see ux.md §1.1 */
export const useDelayed = (active: boolean, delay: number): boolean => {
  const [late, setLate] = useState(false);
  useEffect(() => {
    setLate(false);
    if (!active) return;
    const timer = setTimeout(() => setLate(true), delay);
    return () => clearTimeout(timer);
  }, [active, delay]);
  return active && late;
};
