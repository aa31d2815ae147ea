import { z } from 'zod';

export const emailTemplateName = (usual: string) =>
  z.string().min(1).default(usual).meta({
    title: 'Email Template Name',
    description: 'The template of the realm that says what the mail says.',
  });

export const emailAttribute = () =>
  z.string().min(1).default('mail').meta({
    title: 'Email Attribute',
    description: 'The attribute that holds the address.',
  });
