<#import "template.ftl" as layout>
<#import "enterprise-connect-parts.ftl" as parts>
<@layout.registrationLayout displayMessage=false; section>
  <#if section = "header">
    ${msg("enterpriseConnectIntroductionTitle")}
  <#elseif section = "form">
    <div id="enterprise-connect-introduction">
      <p>${msg("enterpriseConnectIntroductionText", organization, application)}</p>
      <dl class="pf-v5-c-description-list pf-v5-u-mt-md">
        <@parts.term "enterpriseConnectMailbox">${mailbox}</@parts.term>
        <@parts.term "enterpriseConnectConnectedBy">${organization}</@parts.term>
      </dl>
      <p class="pf-v5-u-mt-md">${msg("enterpriseConnectIntroductionAccess")}</p>
      <@parts.actions>
        <@parts.button "continue" "enterpriseConnectContinue" true/>
        <#if optOut><@parts.button "decline" "enterpriseConnectDecline"/></#if>
      </@parts.actions>
    </div>
  </#if>
</@layout.registrationLayout>
